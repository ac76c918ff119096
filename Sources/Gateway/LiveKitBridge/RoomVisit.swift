import SQL

/// What is known of a room in LiveKit when its job begins.
struct RoomVisit: Sendable {
    let room: Room
    /// The last event that was gone through.
    let position: Int64
    /// The agent to send for.
    let agent: String?
    /// Of LiveKit's room; nil when there is none, as far as is known.
    var sid: String?
    var participants: [RoomParticipant]
    /// When LiveKit was last asked who is there.
    var checkedAt: Milliseconds
    /// When an agent was last sent for.
    var dispatchedAt: Milliseconds

    /// - Parameters:
    ///   - start: where to begin with a room that was never told of.
    ///   - agent: for an account that says nothing.
    /// - Returns: nil for a room that is gone.
    static func find(
        _ name: RoomName, start: Int64, agent: String?, _ database: Database
    ) async throws -> RoomVisit? {
        try await database.read { session in
            guard let room = try Room.find(name, session) else { return nil }
            let state = try session.query(
                """
                SELECT l.sid, l.position, l.checked_at, l.dispatched_at, a.livekit_agent
                FROM tenant_whatsapp_config a LEFT JOIN livekit_rooms l ON l.room_name = $2
                WHERE a.account_id = $1
                """, [.text(room.account.rawValue), .text(name.rawValue)]
            ).first
            let own = try state?.textOrNil("livekit_agent") ?? agent
            return RoomVisit(
                room: room, position: try state?.integerOrNil("position") ?? start,
                agent: own.flatMap { $0.isEmpty ? nil : $0 }, sid: try state?.textOrNil("sid"),
                participants: try Presence.participants(in: name, session),
                checkedAt: try state?.integerOrNil("checked_at") ?? 0,
                dispatchedAt: try state?.integerOrNil("dispatched_at") ?? 0)
        }
    }

    func store(position: Int64, in database: Database) async throws {
        let name = room.name
        try await database.transaction { session in try Self.skip(name, upTo: position, session) }
    }

    /// Nothing more has to be done up to there, whether the room is still there or not.
    static func skip(_ name: RoomName, upTo position: Int64, _ session: SQLSession) throws {
        guard try RoomLock.keep(name, session) else { return }
        try session.execute(
            """
            INSERT INTO livekit_rooms (room_name, position) VALUES ($1, $2)
            ON CONFLICT (room_name) DO UPDATE SET position = excluded.position
            """, [.text(name.rawValue), .integer(position)])
    }

    static func note(dispatchedAt time: Milliseconds, of name: RoomName, _ session: SQLSession) throws {
        try session.execute(
            "UPDATE livekit_rooms SET dispatched_at = $2 WHERE room_name = $1",
            [.text(name.rawValue), .integer(time)])
    }
}
