import Gateway
import JSON

/// What a client does in a room, and how that is answered, by request or over a socket.
struct RoomActions: Sendable {
    let rooms: RoomService
    let outbound: OutboundService
    let mediaLinks: MediaLinks?

    /// - Parameter body: as `POST /rooms/{name}/messages` takes it.
    func say(_ body: JSON, in room: RoomName, idempotencyKey: String?) async throws -> SendAnswer {
        let submission = try await outbound.submit(
            try SendBody.toRoom(body), to: .room(room), idempotencyKey: idempotencyKey)
        return SendAnswer(submission, replayed: submission.replayed)
    }

    /// - Parameter body: as `PATCH /rooms/{name}` takes it.
    func change(_ room: RoomName, _ body: JSON) async throws -> JSON {
        try await rooms.change(room, try RoomChangeBody.change(body)).json()
    }

    func markRead(_ room: RoomName) async throws -> JSON { try await rooms.markRead(room).json() }

    func typing(_ room: RoomName) async throws -> JSON {
        try await rooms.typing(room)
        return ["success": true]
    }
}
