import NIOCore
import NIOHTTPTypes

/// What a route shares with the handler of its connection once the request has become a WebSocket. The route announces
/// it, answers 101, and waits for `upgraded`.
final class WebSocketLink: Sendable {
    /// Messages that may wait to be handled. Whoever sends more without waiting is cut off.
    static let waiting = 32

    struct Close: Sendable {
        let code: UInt16
        let reason: String
    }

    /// What the other side says.
    let texts: AsyncStream<String>
    private let continuation: AsyncStream<String>.Continuation
    private let upgrade: EventLoopPromise<Void>
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
        (texts, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
        upgrade = channel.eventLoop.makePromise()
        // Also when it is lost before the handler has heard of this.
        channel.closeFuture.whenComplete { _ in self.end() }
    }

    // MARK: The route's side

    func announce() { channel.triggerUserOutboundEvent(self, promise: nil) }

    /// - Throws: when the connection was lost before.
    func upgraded() async throws { try await upgrade.futureResult.get() }

    /// Returns when the bytes have gone to the socket, so that a slow reader slows its own sender alone.
    func send(_ text: [UInt8]) async throws {
        try await channel.writeAndFlush(HTTPResponsePart.body(ByteBuffer(bytes: text))).get()
    }

    /// Says why and closes; what was sent before goes first.
    func close(_ code: UInt16, _ reason: String) {
        channel.triggerUserOutboundEvent(Close(code: code, reason: reason), promise: nil)
    }

    /// Returns when the connection is gone.
    func closed() async {
        // A connection that ends with an error has ended.
        try? await channel.closeFuture.get()
    }

    func abandon(after time: TimeAmount) {
        let channel = channel
        channel.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
    }

    // MARK: The handler's side

    func didUpgrade() { upgrade.succeed() }

    /// - Returns: false when too much waits already.
    func receive(_ text: String) -> Bool {
        if case .dropped = continuation.yield(text) { return false }
        return true
    }

    func end() {
        upgrade.fail(ChannelError.alreadyClosed)
        continuation.finish()
    }
}
