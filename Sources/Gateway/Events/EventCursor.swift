import SQL

/// What a listener has already.
package enum EventCursor: Sendable, Hashable {
    /// Everything up to the event of this id.
    case event(String)
    /// A room's messages up to this sequence.
    case message(Int64)
}

extension EventReader {
    /// The position from which a room's listener goes on who has its messages up to this one: what happened to older
    /// messages since comes again, as their present state. After 0 comes everything that is kept.
    func position(ofMessage sequence: Int64, in room: RoomName) async throws -> Int64 {
        try await database.read { session in
            let found = try session.query(
                """
                SELECT MIN(CASE WHEN sequence = $2 THEN position END) AS own,
                    MIN(CASE WHEN sequence > $2 THEN position END) AS next, MIN(position) AS first
                FROM events WHERE room_name = $1
                """, [.text(room.rawValue), .integer(sequence)]
            ).first
            let last = try EventLog.last(session)
            if sequence == 0 { return try found?.integerOrNil("first").map { $0 - 1 } ?? last }
            return try found?.integerOrNil("own") ?? found?.integerOrNil("next").map { $0 - 1 } ?? last
        }
    }
}
