import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Keeps one connection within `ConnectionLimits`: a head that is late or too large, a body that is late, bytes that
/// are no HTTP and a reader that reads nothing all end it, with an answer where one is still possible.
/// Also sends `100 Continue` when a client waits for it.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Thrown into a body that is being read when its connection is given up.
    struct Abandoned: Error {
        let failure: RequestFailure
    }

    /// How far the request that is coming in has come.
    private enum Phase {
        case between, head, body, refused
        /// It has become a WebSocket, which minds its own bounds.
        case webSocket
    }

    /// Every connection keeps its buffer, however long nothing comes. It grows with what does.
    private static let firstBuffer = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 1024, maximum: 65_536)

    private var phase = Phase.between
    private var headBytes = 0
    /// Requests whose answer hasn't ended.
    private var owed = 0
    /// Whether an answer's head is out and its end is not.
    private var isAnswering = false
    private var deadline: Scheduled<Void>?
    private var stall: Scheduled<Void>?
    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        do {
            try context.channel.syncOptions?.setOption(.recvAllocator, value: Self.firstBuffer)
            try context.pipeline.syncOperations.addHandler(ByteGate(self), position: .first)
        } catch {
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        stall?.cancel()
        self.context = nil
    }

    // MARK: Bytes, before they are parsed

    /// - Returns: whether the bytes may be parsed.
    fileprivate func admit() -> Bool {
        if phase == .between {
            phase = .head
            headBytes = 0
            expire(after: ConnectionLimits.headTime)
        }
        return phase != .refused
    }

    fileprivate func parsed(_ count: Int) {
        guard phase == .head else { return }
        headBytes += count
        if headBytes > ConnectionLimits.headBytes { refuse(.headTooLarge) }
    }

    // MARK: Parts, after they were parsed

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .refused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head):
            owed += 1
            phase = .body
            expire(after: ConnectionLimits.bodyTime(of: head))
            context.fireChannelRead(data)
            sendContinue(to: head, context)
        case .body:
            context.fireChannelRead(data)
        case .end:
            deadline?.cancel()
            phase = .between
            context.fireChannelRead(data)
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .refused else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status == .switchingProtocols:
            deadline?.cancel()
            phase = .webSocket
        case .head(let head) where head.status.kind != .informational:
            isAnswering = true
        case .head, .body:
            break
        case .end:
            isAnswering = false
            owed -= 1
            if owed == 0, phase == .body { expire(after: ConnectionLimits.drainTime) }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            refuse(.headTooLarge)
        case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
            // The other side left in the middle of its request.
            if phase == .body { context.fireErrorCaught(error) } else { context.close(promise: nil) }
        case is IOError, is ChannelError:
            context.fireErrorCaught(error)
        default:
            refuse(.malformed)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable {
            stall = context.eventLoop.assumeIsolated().scheduleTask(in: ConnectionLimits.stallTime) {
                self.context?.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    /// A body that would be refused isn't asked for.
    private func sendContinue(to head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard head.headerFields[.expect]?.lowercased() == "100-continue", owed == 1, !isAnswering else { return }
        let length = head.headerFields[.contentLength].flatMap(Int.init) ?? 0
        guard length <= ConnectionLimits.largestBody(of: head) else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    private func expire(after time: TimeAmount) {
        deadline?.cancel()
        deadline = context?.eventLoop.assumeIsolated().scheduleTask(in: time) {
            self.refuse(.timedOut)
        }
    }

    /// Answers with `failure` if the other side can still take an answer to this very request, and ends the connection.
    private func refuse(_ failure: RequestFailure) {
        guard let context, phase != .refused else { return }
        if phase == .webSocket { return context.close(promise: nil) }
        let wasReadingBody = phase == .body
        let isAnswerable = !isAnswering && owed == (wasReadingBody ? 1 : 0)
        phase = .refused
        deadline?.cancel()
        guard isAnswerable else {
            context.close(promise: nil)
            return
        }
        let body = ByteBuffer(bytes: failure.json.encoded())
        var fields = failure.headers
        fields[.contentType] = "application/json"
        fields[.contentLength] = String(body.readableBytes)
        fields[.connection] = "close"
        context.write(wrapOutboundOut(.head(HTTPResponse(status: failure.status, headerFields: fields))), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        // Closing both ways at once would make the system drop the answer while bytes are still coming in.
        context.close(mode: .output, promise: nil)
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: ConnectionLimits.lingerTime) {
            self.context?.close(promise: nil)
        }
        if wasReadingBody { context.fireErrorCaught(Abandoned(failure: failure)) }
    }
}

/// Stands before the HTTP parser and lets the guard count what comes.
private final class ByteGate: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionGuard

    init(_ connection: ConnectionGuard) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard connection.admit() else { return }
        let count = unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        connection.parsed(count)
    }
}
