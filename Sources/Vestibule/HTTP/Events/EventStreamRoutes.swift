import Gateway
import HTTPTypes
import Hummingbird
import JSON
import NIOCore
import NIOHTTPTypes
import ServiceLifecycle

/// A room followed as server-sent events.
struct EventStreamRoutes: Sendable {
    /// Keeps proxies from taking a quiet stream for a dead one, and finds out who has left without a word.
    private static let pingInterval: TimeAmount = .seconds(15)
    /// How long a listener who reads nothing may hold up a stop.
    private static let stopTime: TimeAmount = .seconds(3)

    let following: EventFollowing

    var routes: [Route] { [Route(.get, "/rooms/{name}/events", access: .keyOrTicket, respond: follow)] }

    @Sendable private func follow(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["after", "ticket"])
        let subscription = try await following.room(
            try context.roomName(), after: query.text("after"), lastEventID: request.headers[.lastEventID])
        let channel = context.channel
        var headers: HTTPFields = [.contentType: "text/event-stream", .xAccelBuffering: "no"]
        // The ticket is the proof, and no cookie is asked for: a page of any site that has one may read the answer.
        if query.text("ticket") != nil, let origin = request.headers[.origin] {
            headers[.accessControlAllowOrigin] = origin
            headers[.vary] = "Origin"
        }
        return Response(
            status: .ok, headers: headers,
            body: ResponseBody { writer in
                channel.closeFuture.whenComplete { _ in subscription.stop.end(.left) }
                try await InputEndNotice.add(to: channel) { subscription.stop.end(.left) }
                defer { InputEndNotice.remove(from: channel) }
                try await withGracefulShutdownHandler {
                    try await Self.send(subscription, to: &writer, channel)
                } onGracefulShutdown: {
                    subscription.stop.end(.shutdown)
                    _ = channel.eventLoop.scheduleTask(in: Self.stopTime) { channel.close(promise: nil) }
                }
                try await writer.finish(nil)
            })
    }

    private static func send(
        _ subscription: EventSubscription, to writer: inout any ResponseBodyWriter, _ channel: any Channel
    ) async throws {
        try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
        let pings = channel.eventLoop.scheduleRepeatedTask(initialDelay: pingInterval, delay: pingInterval) { _ in
            guard channel.isWritable else { return }
            channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(string: ": ping\n\n")), promise: nil)
        }
        defer { pings.cancel() }
        var events = subscription.makeAsyncIterator()
        var end: FollowingEnd?
        while true {
            let event: Event?
            do {
                event = try await events.next()
                if event == nil { end = FollowingEnd(events.ending) }
            } catch {
                (event, end) = (nil, .failed)
            }
            guard let event else { break }
            try await writer.write(frame(event))
        }
        if let end { try await writer.write(frame(end)) }
    }

    private static func frame(_ event: Event) -> ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(event.encoded.count + 128)
        buffer.writeString("id: \(event.id)\nevent: \(event.type)\ndata: ")
        buffer.writeBytes(event.encoded)
        buffer.writeString("\n\n")
        return buffer
    }

    private static func frame(_ end: FollowingEnd) -> ByteBuffer {
        let data: JSON = ["code": .string(end.code), "message": .string(end.message)]
        return ByteBuffer(string: "event: closed\ndata: \(String(decoding: data.encoded(), as: UTF8.self))\n\n")
    }
}
