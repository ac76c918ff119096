import Gateway
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// Rooms followed over a WebSocket, which also takes what is said in them.
struct SocketRoutes: Sendable {
    /// How long a client who reads nothing may hold up a stop.
    private static let stopTime: TimeAmount = .seconds(5)

    let following: EventFollowing
    let actions: RoomActions
    let logger: Logger

    var routes: [Route] {
        [
            Route(.get, "/rooms/{name}/ws", access: .keyOrTicket, respond: room),
            Route(.get, "/ws", respond: all),
        ]
    }

    @Sendable private func room(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["after", "ticket"])
        let name = try context.roomName()
        let handshake = try WebSocketHandshake(request.head)
        let subscription = try await following.room(name, after: query.text("after"))
        return open(handshake, subscription, SocketCommands(actions: actions, logger: logger, room: name), context)
    }

    @Sendable private func all(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["after", "account"])
        let handshake = try WebSocketHandshake(request.head)
        let subscription = try await following.all(account: query.text("account"), after: query.text("after"))
        return open(handshake, subscription, SocketCommands(actions: actions, logger: logger, room: nil), context)
    }

    private func open(
        _ handshake: WebSocketHandshake, _ subscription: EventSubscription, _ commands: SocketCommands,
        _ context: GatewayContext
    ) -> Response {
        let socket = RoomSocket(
            link: WebSocketLink(context.channel), subscription: subscription, commands: commands,
            requestID: context.requestID)
        socket.link.announce()
        return Response(
            status: .switchingProtocols, headers: handshake.headers,
            body: ResponseBody { writer in
                await withGracefulShutdownHandler {
                    await socket.run()
                } onGracefulShutdown: {
                    socket.subscription.stop.end(.shutdown)
                    socket.link.abandon(after: Self.stopTime)
                }
                try await writer.finish(nil)
            })
    }
}
