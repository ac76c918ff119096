import Gateway
import Hummingbird

/// Rooms followed over a WebSocket, which also takes what is said in them.
struct SocketRoutes: Sendable {
    let following: EventFollowing
    let commands: SocketCommands
    let work: SocketWork

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
        return open(handshake, subscription, of: name, context)
    }

    @Sendable private func all(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["after", "account"])
        let handshake = try WebSocketHandshake(request.head)
        let subscription = try await following.all(account: query.text("account"), after: query.text("after"))
        return open(handshake, subscription, of: nil, context)
    }

    private func open(
        _ handshake: WebSocketHandshake, _ subscription: EventSubscription, of room: RoomName?,
        _ context: GatewayContext
    ) -> Response {
        let socket = RoomSocket(
            context.channel, subscription, commands, of: room, requestID: context.requestID, work: work)
        socket.announce()
        // An empty body would be told by a `Content-Length`, which this answer must not have.
        return Response(
            status: .switchingProtocols, headers: handshake.headers,
            body: ResponseBody { writer in try await writer.finish(nil) })
    }
}
