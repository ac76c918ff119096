import SQL
import WhatsApp

/// Reading what was said, oldest first, paged by the room's sequence.
package struct MessageService: Sendable {
    let database: Database
    let accounts: AccountDirectory
    let clock: Clock

    /// What was said with this number, notes left out.
    /// - Parameter before: a sequence; only older messages, of them the newest `limit`.
    /// - Returns: nothing for a number that is not known.
    package func history(
        phone: PhoneNumber, account: AccountID = .default, limit: Int, before: Int64? = nil
    ) async throws(GatewayError) -> [Message] {
        do {
            let now = clock.now()
            return try await database.read { session in
                var resolver = ContactResolver(accounts: accounts, now: now)
                let identity = ContactIdentity(account: account, phones: [phone.digits])
                try resolver.load([identity], session)
                guard !resolver.contacts.isEmpty else { return [] }
                let room = resolver.resolve(identity).room
                return try Self.latest(room, before: before, limit: limit, notes: false, session)
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// A room's messages: those after a sequence, oldest first, or else the newest, those before one where given.
    /// - Throws: `.notFound` for an unknown room.
    package func inRoom(
        _ name: RoomName, after: Int64? = nil, before: Int64? = nil, limit: Int
    ) async throws(GatewayError) -> [Message] {
        do {
            return try await database.read { session in
                guard try Room.find(name, session) != nil else {
                    throw GatewayError(.notFound, "no room has this name")
                }
                guard let after else {
                    return try Self.latest(name, before: before, limit: limit, notes: true, session)
                }
                return try session.query(
                    "SELECT * FROM chat_messages WHERE room_name = $1 AND sequence > $2 ORDER BY sequence LIMIT $3",
                    [.text(name.rawValue), .integer(after), .integer(Int64(limit))]
                ).map(Message.init)
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private static func latest(
        _ room: RoomName, before: Int64?, limit: Int, notes: Bool, _ session: SQLSession
    ) throws -> [Message] {
        try session.query(
            """
            SELECT * FROM chat_messages WHERE room_name = $1 AND sequence < $2 AND (private = FALSE OR $3)
            ORDER BY sequence DESC LIMIT $4
            """, [.text(room.rawValue), .integer(before ?? .max), .bool(notes), .integer(Int64(limit))]
        ).map(Message.init).reversed()
    }
}
