import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOWebSocket

/// Turns a connection into a WebSocket when a route answers 101, so that the request has gone through all middleware,
/// and every refusal is an ordinary answer. The answer ends there; from then on each part of a body is a text frame.
final class WebSocketUpgrade: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private enum State {
        case http
        /// The parser takes nothing more after such a request: without an upgrade the connection ends with its answer.
        case asked
        case upgraded(WebSocketFrames, RoomSocket)
    }

    private var state = State.http
    private var announced: RoomSocket?
    private var isStopping = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head(let head) = unwrapInboundIn(data), head.headerFields[.upgrade] != nil { state = .asked }
        context.fireChannelRead(data)
    }

    /// The server stops. It closes what answers no request just now, which a WebSocket never does again.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is ChannelShouldQuiesceEvent else { return context.fireUserInboundEventTriggered(event) }
        isStopping = true
        guard case .upgraded(_, let socket) = state else { return context.fireUserInboundEventTriggered(event) }
        socket.finish()
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case let socket as RoomSocket:
            announced = socket
            promise?.succeed()
        case let close as RoomSocket.Close:
            if case .upgraded(let frames, _) = state { frames.close(close.code, close.reason) }
            promise?.succeed()
        default:
            context.triggerUserOutboundEvent(event, promise: promise)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch (state, unwrapOutboundIn(data)) {
        case (.upgraded(let frames, _), .body(let text)):
            frames.send(text, promise: promise)
        case (.upgraded, .head), (.upgraded, .end):
            promise?.succeed()
        case (.asked, .head(let head)) where head.status == .switchingProtocols:
            upgrade(context, head, promise)
        case (.asked, .head(var head)) where head.status.kind != .informational:
            head.headerFields[.connection] = "close"
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case (.asked, .end):
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
        default:
            context.write(data, promise: promise)
        }
    }

    private func upgrade(_ context: ChannelHandlerContext, _ head: HTTPResponse, _ promise: EventLoopPromise<Void>?) {
        let pipeline = context.pipeline.syncOperations
        do {
            guard let socket = announced else { throw ChannelError.inappropriateOperationForState }
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            // The encoder would take what follows for the body of an answer.
            encoder.writeAndFlush(NIOAny(Self.bytes(of: head)), promise: promise)
            let frames = WebSocketFrames(socket)
            try Self.remove(HTTPResponseEncoder.self, from: pipeline)
            try Self.remove(ByteToMessageHandler<HTTPRequestDecoder>.self, from: pipeline)
            try Self.remove(HTTP1ToHTTPServerCodec.self, from: pipeline)
            try Self.remove(FileSender.self, from: pipeline)
            // Or it would take a WebSocket for a connection that waits for its next request too long.
            try Self.remove(HTTPConnectionStateHandler.self, from: pipeline)
            try pipeline.addHandlers(
                [
                    WebSocketFrameEncoder(),
                    ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: WebSocketFrames.largestMessage)),
                    frames,
                ], position: .before(self))
            state = .upgraded(frames, socket)
            announced = nil
            socket.opened()
            if isStopping { socket.finish() }
        } catch {
            promise?.fail(error)
            context.close(promise: nil)
        }
    }

    private static func bytes(of head: HTTPResponse) -> ByteBuffer {
        var buffer = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n")
        for field in head.headerFields { buffer.writeString("\(field.name.rawName): \(field.value)\r\n") }
        buffer.writeString("\r\n")
        return buffer
    }

    private static func remove<Handler: RemovableChannelHandler>(
        _: Handler.Type, from pipeline: ChannelPipeline.SynchronousOperations
    ) throws {
        pipeline.removeHandler(try pipeline.handler(type: Handler.self), promise: nil)
    }
}
