import Crypto
import Foundation
import SQL

/// What stands for a key where a browser can send none: good once, for one room and a minute. Any gateway on the
/// database takes it. The database knows a ticket's hash alone.
package struct TicketService: Sendable {
    package static let lifetime: Milliseconds = 60_000

    package struct Ticket: Sendable {
        package let text: String
        package let expiresAt: Milliseconds
    }

    let database: Database
    let clock: Clock

    /// - Parameter origin: the only web site whose pages may use it; nil: whoever has it.
    /// - Throws: `.notFound` for an unknown room.
    package func issue(room: RoomName, origin: String?) async throws(GatewayError) -> Ticket {
        let text = "vt_" + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64URL }
        let now = clock.now()
        do {
            try await database.transaction { session in
                guard try Room.find(room, session) != nil else {
                    throw GatewayError(.notFound, "no room has this name")
                }
                _ = try session.execute(
                    "INSERT INTO room_tickets (ticket_hash, room_name, origin, expires_at) VALUES ($1, $2, $3, $4)",
                    [.text(Self.hash(text)), .text(room.rawValue), SQLValue(origin), .integer(now + Self.lifetime)])
            }
            return Ticket(text: text, expiresAt: now + Self.lifetime)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Takes the ticket, which is gone with that whatever comes of it.
    /// - Parameter origin: the site whose page the request comes from, if a browser says so.
    /// - Throws: `.unauthorized` when it was used, is too old, or is another room's or site's.
    package func take(_ text: String, room: RoomName, origin: String?) async throws(GatewayError) {
        let now = clock.now()
        do {
            let row = try await database.transaction { session in
                try session.query(
                    "DELETE FROM room_tickets WHERE ticket_hash = $1 RETURNING room_name, origin, expires_at",
                    [.text(Self.hash(text))]
                ).first
            }
            guard let row, try row.integer("expires_at") > now, try row.text("room_name") == room.rawValue,
                try row.textOrNil("origin").map({ $0 == origin }) ?? true
            else {
                throw GatewayError(
                    .unauthorized, "the ticket was used, is too old or is not for this; ask for a new one")
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private static func hash(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
