import JSON
import LiveKit
import SQL

/// The rooms in LiveKit, for those who ask: who may join, who is there, and what LiveKit tells.
package struct LiveKitBridge: Sendable {
    let database: Database
    let server: LiveKitServer
    let clock: Clock
    let counters: LiveKitMetrics
    /// Called when somebody may have joined a room.
    let wake: @Sendable () -> Void

    /// A token to join a room. The room need not be there: the first who joins makes it as the gateway would.
    /// - Throws: `.notFound` for a room that is none.
    package func joinPass(for name: RoomName, _ request: JoinRequest) async throws(GatewayError) -> JoinPass {
        do {
            let room = try await database.read { session in
                guard let room = try Room.find(name, session) else {
                    throw GatewayError(.notFound, "no room has this name")
                }
                return try Room.surviving(room, session)
            }
            guard request.identity != room.name.rawValue else {
                throw GatewayError(
                    .invalid, "`identity` must not be the room's name: the customer is in the room under it",
                    data: ["field": "identity"])
            }
            let now = server.clock.now()
            let token = try request.token(for: room).signed(by: server.key, at: now, life: request.life)
            return JoinPass(
                token: token, url: server.url.signalling, room: room.name, expiresAt: now + request.life * .second)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Who is in the room, as far as LiveKit has told.
    /// - Throws: `.notFound`.
    package func participants(in name: RoomName) async throws(GatewayError) -> [RoomParticipant] {
        do {
            return try await database.read { session in
                guard try Room.find(name, session) != nil else {
                    throw GatewayError(.notFound, "no room has this name")
                }
                return try Presence.participants(in: name, session)
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Takes a webhook of LiveKit's. One that tells of a foreign room, or of what is of no interest, is taken as well.
    /// - Throws: `.verificationFailed`, `.invalid`, and `.unavailable`, after which LiveKit tries again.
    package func receive(authorization: String?, body: [UInt8]) async throws(GatewayError) {
        let event: WebhookEvent
        do {
            event = try server.receiver.receive(authorization: authorization, body: body, at: server.clock.now())
        } catch .noEvent {
            throw GatewayError(.invalid, "the body is no event of LiveKit's")
        } catch {
            counters.refused.increment()
            throw GatewayError(
                .verificationFailed, "Authorization is missing, not signed with this server's key or for another body",
                cause: "\(error)")
        }
        counters.webhooks.increment()
        let now = clock.now()
        do {
            try await database.transaction { session in _ = try Presence.apply(event, at: now, session) }
            if event.kind == .participantJoined { wake() }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }
}
