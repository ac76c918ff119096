import SQL

extension Presence {
    /// Asks LiveKit who is in a room, and makes the stored list right.
    /// - Returns: nil for a room that is gone from the database.
    /// - Throws: `ServerError` when LiveKit doesn't tell.
    static func look(
        into name: RoomName, _ server: LiveKitServer, _ database: Database, _ clock: Clock
    ) async throws -> [RoomParticipant]? {
        let asked = clock.now()
        let found = try await server.rooms.participants(in: name.rawValue).map(RoomParticipant.init)
        let now = clock.now()
        return try await database.transaction { session in
            guard try RoomLock.keep(name, session) else { return nil }
            try correct(name, found, asked: asked, at: now, session)
            return try participants(in: name, session)
        }
    }
}
