import NIOCore
import NIOWebSocket

/// One WebSocket's frames: passes texts on, answers pings, closes on what is not allowed, and finds out by pings whether
/// anybody is still there.
final class WebSocketFrames: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    /// Of a message, in one frame or in several.
    static let largestMessage = 64 * 1024
    static let mostFragments = 64
    private static let pingInterval: TimeAmount = .seconds(20)
    /// Without any frame from the other side, pongs included.
    private static let silence: TimeAmount = .seconds(60)
    /// For the other side's answer to a close.
    private static let closeTime: TimeAmount = .seconds(3)
    /// Control frames within a second.
    private static let mostControls = 50

    private let socket: RoomSocket
    private var context: ChannelHandlerContext?
    private var isClosing = false
    private var lastHeard = NIODeadline.now()
    private var nextPing: Scheduled<Void>?
    private var fragments: (data: ByteBuffer, count: Int)?
    private var controls = (since: NIODeadline.now(), count: 0)

    init(_ socket: RoomSocket) { self.socket = socket }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        lastHeard = .now()
        schedulePing(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        nextPing?.cancel()
        socket.end()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        socket.end()
        context.fireChannelInactive()
    }

    /// The server lets a client end its side alone. Who can send no frames any more has no use for a WebSocket, and
    /// most likely is gone.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed = event else { return context.fireUserInboundEventTriggered(event) }
        socket.end()
        context.close(promise: nil)
    }

    func send(_ text: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard let context, !isClosing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        write(.text, text, context, promise: promise)
    }

    /// Says why and closes, once the other side has answered or had its time.
    func close(_ code: UInt16, _ reason: String) {
        guard let context, !isClosing else { return }
        isClosing = true
        socket.end()
        var data = ByteBuffer()
        data.writeInteger(code)
        data.writeString(String(decoding: Array(reason.utf8.prefix(123)), as: UTF8.self))
        write(.connectionClose, data, context, promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.closeTime) { self.context?.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        lastHeard = .now()
        guard frame.maskKey != nil else { return close(1002, "frames of a client are masked") }
        guard !frame.rsv1, !frame.rsv2, !frame.rsv3 else { return close(1002, "no extension was agreed on") }
        switch frame.opcode {
        case .connectionClose: answerClose(frame.unmaskedData, context)
        case _ where isClosing: break
        case .ping:
            guard admitsControl() else { return close(1008, "too many pings") }
            // Whoever reads nothing gets no more to read.
            if context.channel.isWritable { write(.pong, frame.unmaskedData, context, promise: nil) }
        case .pong:
            if !admitsControl() { close(1008, "too many pongs") }
        case .text, .continuation: gather(frame)
        case .binary: close(1003, "messages are JSON, in text frames")
        default: close(1002, "an unknown kind of frame")
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case NIOWebSocketError.invalidFrameLength: close(1009, Self.tooLarge)
        case is NIOWebSocketError: close(1002, "a malformed frame")
        default: context.close(promise: nil)
        }
    }

    private static let tooLarge = "a message is larger than \(largestMessage / 1024) KiB or \(mostFragments) frames"

    /// Puts the fragments of a message together.
    private func gather(_ frame: WebSocketFrame) {
        guard (frame.opcode == .continuation) == (fragments != nil) else {
            return close(1002, "fragments out of order")
        }
        var (data, count) = fragments ?? (ByteBuffer(), 0)
        data.writeImmutableBuffer(frame.unmaskedData)
        count += 1
        fragments = frame.fin ? nil : (data, count)
        guard data.readableBytes <= Self.largestMessage, count <= Self.mostFragments else {
            return close(1009, Self.tooLarge)
        }
        if frame.fin { receive(data) }
    }

    private func receive(_ data: ByteBuffer) {
        guard let text = String(validating: data.readableBytesView, as: UTF8.self) else {
            return close(1007, "text is UTF-8")
        }
        if !socket.receive(text) { close(1008, "too many messages at once; wait for the acknowledgements") }
    }

    private func admitsControl() -> Bool {
        let now = NIODeadline.now()
        if now - controls.since > .seconds(1) { controls = (now, 0) }
        controls.count += 1
        return controls.count <= Self.mostControls
    }

    private func answerClose(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        socket.end()
        defer { context.close(promise: nil) }
        guard !isClosing else { return }
        isClosing = true
        var data = data
        let code = data.readInteger(as: UInt16.self).map(Self.answer)
        write(.connectionClose, code.map { ByteBuffer(integer: $0) } ?? ByteBuffer(), context, promise: nil)
    }

    /// The same code again, unless it is none that may be sent (RFC 6455, §7.4).
    private static func answer(to code: UInt16) -> UInt16 {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: code
        default: 1002
        }
    }

    private func schedulePing(_ context: ChannelHandlerContext) {
        nextPing = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pingInterval) { self.ping() }
    }

    private func ping() {
        guard let context, !isClosing else { return }
        if NIODeadline.now() - lastHeard > Self.silence { return close(1001, "nothing was heard for a minute") }
        if context.channel.isWritable { write(.ping, ByteBuffer(), context, promise: nil) }
        schedulePing(context)
    }

    private func write(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        promise: EventLoopPromise<Void>?
    ) {
        context.writeAndFlush(wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: promise)
    }
}
