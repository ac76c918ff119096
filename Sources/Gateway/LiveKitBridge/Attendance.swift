import SQL

/// Which gateway takes part in a room in LiveKit: one at a time, while somebody else is there. And how far the customer's
/// words have been said there, whichever gateway said them.
struct Attendance: Sendable {
    let database: Database
    let clock: Clock
    /// This gateway's own.
    let holder: String

    /// A gateway that is gone is missed for as long.
    static let lease: Milliseconds = 15 * .second

    /// Takes rooms in which somebody is and that no gateway holds; a room that rests is left alone.
    func claim(atMost limit: Int) async throws -> [RoomName] {
        let now = clock.now()
        return try await database.transaction { session in
            try session.query(
                """
                UPDATE livekit_rooms SET holder = $1, held_until = $2
                WHERE room_name IN (
                    SELECT room_name FROM livekit_rooms
                    WHERE (held_until <= $3 OR held_until > $5) AND room_name IN (
                        SELECT p.room_name FROM livekit_participants p
                        WHERE p.left_at IS NULL AND p.identity <> p.room_name)
                    LIMIT $4 {for update skip locked})
                RETURNING room_name
                """,
                [
                    .text(holder), .integer(now + Self.lease), .integer(now), .integer(Int64(limit)),
                    .integer(now + Self.beyondReason),
                ]
            ).map { RoomName(rawValue: try $0.text("room_name")) }
        }
    }

    /// Later than any lease or rest ends: the clock was set back since.
    private static let beyondReason: Milliseconds = 10 * .minute

    /// Renews the rooms that this gateway is in, and no other that it holds: one that was claimed, or left, without the
    /// database's answer is in nobody's hands, and has to lapse.
    /// - Returns: those of them that it still holds.
    func renew(_ names: Set<RoomName>) async throws -> Set<RoomName> {
        let end = clock.now() + Self.lease
        var rows = SQLRows([("name", .text), ("owner", .text), ("lapse", .bigint)])
        for name in names { rows.append([.text(name.rawValue), .text(holder), .integer(end)]) }
        return try await database.transaction { [rows] session in
            Set(
                try session.batch(
                    """
                    UPDATE livekit_rooms SET held_until = r.lapse FROM {rows}
                    WHERE livekit_rooms.room_name = r.name AND holder = r.owner RETURNING room_name
                    """, rows
                ).map { RoomName(rawValue: try $0.text("room_name")) })
        }
    }

    /// Gives a room back; nobody takes it for this long.
    func release(_ room: RoomName, rest: Milliseconds) async throws {
        let now = clock.now()
        try await database.transaction { session in
            _ = try session.execute(
                "UPDATE livekit_rooms SET holder = NULL, held_until = $3 WHERE room_name = $1 AND holder = $2",
                [.text(room.rawValue), .text(holder), .integer(now + rest)])
        }
    }

    // MARK: The customer's words

    /// Up to where the customer's words have been said, and from where on they are worth saying.
    struct Place: Sendable {
        /// A position in the list of events.
        let said: Int64
        /// What happened up to here is too old.
        let horizon: Int64
        /// What the customer wrote after this, in the room's sequence, nobody has answered.
        let answered: Int64
    }

    /// - Parameter oldest: of the events that are looked at.
    func place(in room: RoomName, since oldest: Milliseconds) async throws -> Place {
        try await database.read { session in
            let name = SQLValue.text(room.rawValue)
            let said = try session.query("SELECT said FROM livekit_rooms WHERE room_name = $1", [name]).first?
                .integer("said")
            let old = try session.query(
                """
                SELECT position FROM events WHERE room_name = $1 AND timestamp < $2 ORDER BY position DESC LIMIT 1
                """, [name, .integer(oldest)]
            ).first?.integer("position")
            let answered = try session.query(
                """
                SELECT sequence FROM chat_messages WHERE room_name = $1 AND direction = 'outgoing' AND private = FALSE
                ORDER BY sequence DESC LIMIT 1
                """, [name]
            ).first?.integer("sequence")
            return Place(said: max(said ?? 0, old ?? 0), horizon: old ?? 0, answered: answered ?? 0)
        }
    }

    /// Notes that everything up to this event is said, before it is: should this gateway end in the middle, nobody says it
    /// again.
    /// - Returns: false when another gateway has the room, and says it.
    func saying(upTo position: Int64, in room: RoomName) async throws -> Bool {
        try await database.transaction { session in
            try session.execute(
                "UPDATE livekit_rooms SET said = $2 WHERE room_name = $1 AND holder = $3 AND said < $2",
                [.text(room.rawValue), .integer(position), .text(holder)]) == 1
        }
    }

    /// Takes that back, for what could not be said after all.
    func unsay(from position: Int64, to former: Int64, in room: RoomName) async throws {
        try await database.transaction { session in
            _ = try session.execute(
                "UPDATE livekit_rooms SET said = $2 WHERE room_name = $1 AND holder = $3 AND said = $4",
                [.text(room.rawValue), .integer(former), .text(holder), .integer(position)])
        }
    }

    /// Which of these messages came in live; the others are from WhatsApp's history.
    func received(_ messages: [String], in room: RoomName, _ place: Place) async throws -> Set<String> {
        var rows = SQLRows([("id", .text), ("room", .text), ("start", .bigint)])
        for message in messages { rows.append([.text(message), .text(room.rawValue), .integer(place.horizon)]) }
        return try await database.read { [rows] session in
            Set(
                try session.batch(
                    """
                    SELECT e.message_id FROM {rows} JOIN events e ON e.room_name = r.room AND e.position > r.start
                    WHERE e.message_id = r.id AND e.type = 'message.received'
                    """, rows
                ).map { try $0.text("message_id") })
        }
    }
}
