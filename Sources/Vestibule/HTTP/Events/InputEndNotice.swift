import NIOCore

/// Tells that a client has ended its side of the connection, which the server lets it do alone. One that follows events has
/// nothing more to say from the beginning, and is most likely gone.
final class InputEndNotice: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    static let name = "input-end-notice"
    private let tell: () -> Void

    private init(_ tell: @escaping () -> Void) { self.tell = tell }

    /// Before all others: those that wait for the answer's end hold such a thing back.
    static func add(to channel: any Channel, _ tell: @escaping @Sendable () -> Void) async throws {
        try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.addHandler(InputEndNotice(tell), name: name, position: .first)
        }.get()
    }

    static func remove(from channel: any Channel) { channel.pipeline.removeHandler(name: name, promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { tell() }
        context.fireUserInboundEventTriggered(event)
    }
}
