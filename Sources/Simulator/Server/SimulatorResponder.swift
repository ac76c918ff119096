import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// The part of a request's surroundings that the simulator needs: its connection.
struct SimulatorContext: InitializableFromSource, Sendable {
    typealias Source = ApplicationRequestContextSource
    let channel: any Channel

    init(source: ApplicationRequestContextSource) { channel = source.channel }
}

/// Reads a request, hands it to the API it belongs to, and writes the answer.
///
/// Routing is by hand, since every Graph path may carry a version and what an id means decides where it goes.
struct SimulatorResponder: HTTPResponder {
    let core: SimulatorCore

    /// Holds a 100 MB file in Base64 with its JSON, the most that any route takes.
    static let bodyLimit = 144 * 1_048_576

    func respond(to request: Request, context: SimulatorContext) async throws -> Response {
        let target = Call.split(target: request.head.path ?? "/")
        let body: [UInt8]
        do {
            var buffer = try await request.body.collect(upTo: Self.bodyLimit)
            body = buffer.readBytes(length: buffer.readableBytes) ?? []
        } catch is NIOTooManyBytesError {
            var reply = ControlError.tooLarge.reply
            reply.headers.append(("Connection", "close"))
            return write(reply)
        }
        let connection = Connection(channel: context.channel, held: core.held)
        let call = Call(
            method: request.method.rawValue, segments: target.segments, query: target.query, headers: request.headers,
            authority: request.head.authority, body: body)
        switch await answer(call) {
        case .reply(let reply):
            return write(reply)
        case .slow(let reply, let chunk, let gap):
            return write(reply, body: slowBody(reply.body, chunk: max(1, chunk), gap: gap))
        case .truncated(let reply, let keep):
            let head = ByteBuffer(bytes: reply.body.prefix(keep))
            return write(
                reply,
                body: ResponseBody(contentLength: reply.body.count) { writer in
                    try await writer.write(head)
                    await connection.close()
                })
        case .reset:
            await connection.reset()
        case .silence(let duration):
            await connection.hold(duration)
        }
        // The connection is gone, so writing this fails and Hummingbird drops it.
        return Response(status: .ok)
    }

    private func answer(_ call: Call) async -> Answer {
        switch call.segments.first {
        case nil: .reply(Guide(core: core).reply)
        case "sim": await ControlAPI(core: core).answer(call)
        case "media-host": await MediaHost(core: core).answer(call)
        default: await GraphAPI(core: core).answer(call)
        }
    }

    private func write(_ reply: Reply, body: ResponseBody? = nil) -> Response {
        var headers = HTTPFields()
        for (name, value) in reply.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        return Response(
            status: HTTPResponse.Status(code: reply.status), headers: headers,
            body: body ?? ResponseBody(byteBuffer: ByteBuffer(bytes: reply.body)))
    }

    private func slowBody(_ bytes: [UInt8], chunk: Int, gap: Duration) -> ResponseBody {
        ResponseBody(contentLength: bytes.count) { writer in
            var rest = bytes[...]
            while !rest.isEmpty {
                try await writer.write(ByteBuffer(bytes: rest.prefix(chunk)))
                rest = rest.dropFirst(chunk)
                try await Task.sleep(for: gap)
            }
            try await writer.finish(nil)
        }
    }
}
