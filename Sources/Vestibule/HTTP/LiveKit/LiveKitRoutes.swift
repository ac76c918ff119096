import Gateway
import HTTPTypes
import Hummingbird
import JSON
import LiveKit

/// Joining rooms in LiveKit, and what LiveKit tells of them.
struct LiveKitRoutes: Sendable {
    private static let standardLife: Int64 = 3600
    private static let mostAgents = 10
    /// LiveKit's own bound.
    private static let longestIdentity = 256
    private static let longestMetadata = 16_000

    /// None when `LIVEKIT_URL` is not set.
    let bridge: LiveKitBridge?

    var routes: [Route] {
        [
            Route(.post, "/rooms/{name}/token", respond: token),
            Route(.get, "/rooms/{name}/participants", respond: participants),
            Route(.post, "/livekit/webhook", access: .open, respond: receive),
        ]
    }

    @Sendable private func token(_ request: Request, context: GatewayContext) async throws -> Response {
        let bridge = try present()
        let name = try context.roomName()
        let pass = try await bridge.joinPass(for: name, try Self.joinRequest(try await request.jsonObject()))
        return Response([
            "token": .string(pass.token.reveal()), "url": .string(pass.url), "room": .string(pass.room.rawValue),
            "expiresAt": .string(pass.expiresAt.iso8601),
        ])
    }

    @Sendable private func participants(_: Request, context: GatewayContext) async throws -> Response {
        let bridge = try present()
        return Response(.array(try await bridge.participants(in: try context.roomName()).map(\.json)))
    }

    @Sendable private func receive(_ request: Request, _: GatewayContext) async throws -> Response {
        let bridge = try present()
        let body = try await request.bytes(limit: ConnectionLimits.webhookBody)
        try await bridge.receive(authorization: request.headers[.authorization], body: body)
        return Response(["success": true])
    }

    private func present() throws(RequestFailure) -> LiveKitBridge {
        guard let bridge else {
            throw RequestFailure(GatewayError(.configNotFound, "LiveKit is not set up: LIVEKIT_URL is not set"))
        }
        return bridge
    }

    private static func joinRequest(_ body: JSON) throws -> JoinRequest {
        let reader = try FieldReader(body, allowed: ["identity", "name", "kind", "agents", "ttl"])
        let kinds = JoinRequest.Kind.allCases.map(\.rawValue)
        let kind = try reader.choice("kind", of: kinds).flatMap(JoinRequest.Kind.init(rawValue:)) ?? .agent
        let agents = try reader.readers("agents", count: 0...mostAgents, allowed: ["name", "metadata"]) ?? []
        return JoinRequest(
            identity: try reader.requiredString("identity", 1...longestIdentity),
            name: try reader.string("name", 1...longestIdentity), kind: kind,
            agents: try agents.map { agent in
                AgentRequest(
                    name: try agent.requiredString("name", 1...longestIdentity),
                    metadata: try agent.string("metadata", 0...longestMetadata))
            }, life: try reader.integer("ttl", 1...JoinRequest.longestLife) ?? standardLife)
    }
}
