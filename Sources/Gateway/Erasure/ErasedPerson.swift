import SQL
import WhatsApp

/// Whom a number belongs to: all the contacts that were found to be one, with their rooms and every name that Meta has
/// for them.
struct ErasedPerson: Sendable {
    let account: AccountID
    private(set) var contacts: [ContactID] = []
    private(set) var rooms: [RoomName] = []
    /// Numbers in digits, and ids.
    private(set) var names: Set<String> = []

    /// - Parameter account: nil for all.
    /// - Returns: one for each account that knows the number.
    static func find(_ phone: PhoneNumber, _ account: AccountID?, _ session: SQLSession) throws -> [ErasedPerson] {
        var aliases = SQLRows([("account", .text), ("value", .text)])
        for form in phone.variants { aliases.append([.text(account?.rawValue ?? ""), .text(form)]) }
        let owners = try session.batch(
            """
            SELECT DISTINCT t.account_id, m.room_name FROM {rows}
            JOIN tenant_whatsapp_config t ON r.account IN ('', t.account_id)
            JOIN contact_aliases a ON a.account_id = t.account_id AND a.kind = 'phone' AND a.value = r.value
            JOIN rooms m ON m.contact_id = a.contact_id
            ORDER BY t.account_id, m.room_name
            """, aliases)
        var people: [ErasedPerson] = []
        for row in owners {
            let owner = AccountID(rawValue: try row.text("account_id"))
            if people.last?.account != owner { people.append(ErasedPerson(account: owner)) }
            try people[people.count - 1].add(RoomName(rawValue: try row.text("room_name")), session)
        }
        return people
    }

    /// With the rooms that were merged into it.
    private mutating func add(_ room: RoomName, _ session: SQLSession) throws {
        guard !rooms.contains(room) else { return }
        rooms.append(room)
        let owner = try session.query(
            """
            SELECT c.contact_id, c.wa_id, c.user_id FROM rooms m JOIN contacts c ON c.contact_id = m.contact_id
            WHERE m.room_name = $1
            """, [.text(room.rawValue)])
        for row in owner {
            let id = try row.text("contact_id")
            contacts.append(ContactID(rawValue: id))
            names.formUnion([try row.textOrNil("wa_id"), try row.textOrNil("user_id")].compactMap(\.self))
            names.formUnion(
                try session.query("SELECT value FROM contact_aliases WHERE contact_id = $1", [.text(id)])
                    .map { try $0.text("value") })
        }
        let merged = try session.query("SELECT room_name FROM rooms WHERE merged_into = $1", [.text(room.rawValue)])
        for row in merged { try add(RoomName(rawValue: try row.text("room_name")), session) }
    }

    /// The contacts before the rooms, as everywhere.
    func lock(_ session: SQLSession) throws {
        for contact in contacts.sorted(by: { $0.rawValue < $1.rawValue }) {
            _ = try session.query(
                "SELECT contact_id FROM contacts WHERE contact_id = $1 {for update}", [.text(contact.rawValue)])
        }
        _ = try RoomLock.take(rooms, session)
    }

    /// What is left when the messages are gone.
    func erase(at now: Milliseconds, _ session: SQLSession) throws {
        try JobQueue.insert(try liveKitDeletions(at: now, session), session)
        for name in names {
            _ = try session.execute(
                "DELETE FROM message_changes WHERE account_id = $1 AND author IN ($2, $3)",
                [.text(account.rawValue), .text(name), .text("+\(name)")])
        }
        for room in rooms {
            try EventLog.erase(room: room, session)
            try EndpointDelivery.erase(room: room, session)
            _ = try session.execute(
                "DELETE FROM jobs WHERE lane IN ($1, $2)",
                [.text("send:\(room.rawValue)"), .text("read:\(room.rawValue)")])
            _ = try session.execute("DELETE FROM rooms WHERE room_name = $1", [.text(room.rawValue)])
        }
        for contact in contacts {
            let id = SQLValue.text(contact.rawValue)
            _ = try session.execute("DELETE FROM send_limits WHERE key = $1", [.text(SendLimit.pair(contact).key)])
            _ = try session.execute("DELETE FROM contact_aliases WHERE contact_id = $1", [id])
            _ = try session.execute("DELETE FROM contacts WHERE contact_id = $1", [id])
        }
    }

    /// Of the rooms that LiveKit may know.
    private func liveKitDeletions(at now: Milliseconds, _ session: SQLSession) throws -> [Job] {
        try rooms.compactMap { room in
            let known = try session.query(
                "SELECT room_name FROM livekit_rooms WHERE room_name = $1", [.text(room.rawValue)])
            return known.isEmpty ? nil : try LiveKitRoomJob.deletion(room, of: account, at: now, session)
        }
    }
}
