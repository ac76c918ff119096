import NIOCore
import NIOPosix

/// A TCP server that acts on a connection without having been asked, and never reads what it is sent.
final class SpeakingServer: Sendable {
    let port: Int
    private let channel: any Channel

    init(_ action: RawAction?) async throws {
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { child in
                child.eventLoop.makeCompletedFuture {
                    try child.pipeline.syncOperations.addHandler(SpeakingHandler(action))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress!.port!
    }

    deinit { channel.close(promise: nil) }
}

private final class SpeakingHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let action: RawAction?

    init(_ action: RawAction?) { self.action = action }

    func channelActive(context: ChannelHandlerContext) {
        if let action { perform(action, context.channel) }
    }
}
