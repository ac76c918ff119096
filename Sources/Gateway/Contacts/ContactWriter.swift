import SQL

/// Writes contacts, their aliases and their rooms.
struct ContactWriter {
    let now: Milliseconds

    func store(
        created: [Contact], changed: [Contact], aliases: [(ContactAlias, ContactID)],
        merges: [(from: ContactID, into: ContactID)], _ session: SQLSession
    ) throws {
        try insert(created, session)
        try update(changed, session)
        try insert(aliases, session)
        for merge in merges {
            _ = try session.execute(
                "UPDATE contact_aliases SET contact_id = $2 WHERE contact_id = $1",
                [.text(merge.from.rawValue), .text(merge.into.rawValue)])
        }
    }

    private static let columns: [(String, SQLType)] = [
        ("contact_id", .text), ("phone_number", .text), ("wa_id", .text), ("user_id", .text), ("group_id", .text),
        ("username", .text), ("name", .text), ("updated_at", .bigint),
    ]

    private func values(_ contact: Contact) -> [SQLValue] {
        [
            .text(contact.id.rawValue), SQLValue(contact.phoneNumber), SQLValue(contact.waID),
            SQLValue(contact.userID), SQLValue(contact.groupID), MessageColumns.text(contact.username),
            MessageColumns.text(contact.name), .integer(now),
        ]
    }

    private func insert(_ contacts: [Contact], _ session: SQLSession) throws {
        var rows = SQLRows(Self.columns + [("account_id", .text)])
        var rooms = SQLRows([
            ("room_name", .text), ("account_id", .text), ("contact_id", .text), ("title", .text),
            ("phone_number", .text), ("now", .bigint),
        ])
        for contact in contacts.sorted(by: { $0.room < $1.room }) {
            rows.append(values(contact) + [.text(contact.account.rawValue)])
            rooms.append([
                .text(contact.room.rawValue), .text(contact.account.rawValue), .text(contact.id.rawValue),
                .text(Room.title(of: contact)), SQLValue(contact.phoneNumber), .integer(now),
            ])
        }
        try session.send(
            """
            INSERT INTO contacts (contact_id, account_id, phone_number, wa_id, user_id, group_id, username, name,
                created_at, updated_at)
            SELECT r.contact_id, r.account_id, r.phone_number, r.wa_id, r.user_id, r.group_id, r.username, r.name,
                r.updated_at, r.updated_at FROM {rows} WHERE true
            """, rows)
        try session.send(
            """
            INSERT INTO rooms (room_name, account_id, contact_id, title, channel, department, private, phone_number,
                created_at, updated_at)
            SELECT r.room_name, r.account_id, r.contact_id, r.title, '\(Room.channel)', '\(Room.department)', TRUE,
                r.phone_number, r.now, r.now FROM {rows} WHERE true
            """, rooms)
        EventLog.append(
            contacts.map { NewEvent(.roomCreated, account: $0.account, room: $0.room, at: now) }, session)
    }

    private func update(_ contacts: [Contact], _ session: SQLSession) throws {
        var rows = SQLRows(Self.columns)
        for contact in contacts.sorted(by: { $0.id.rawValue < $1.id.rawValue }) { rows.append(values(contact)) }
        try session.send(
            """
            UPDATE contacts SET phone_number = r.phone_number, wa_id = r.wa_id, user_id = r.user_id,
                group_id = r.group_id, username = r.username, name = r.name, updated_at = r.updated_at
            FROM {rows} WHERE contacts.contact_id = r.contact_id
            """, rows)
    }

    private func insert(_ aliases: [(ContactAlias, ContactID)], _ session: SQLSession) throws {
        var rows = SQLRows([
            ("account_id", .text), ("kind", .text), ("value", .text), ("contact_id", .text), ("created_at", .bigint),
        ])
        for (alias, contact) in aliases.sorted(by: { $0.0 < $1.0 }) {
            rows.append([
                .text(alias.account.rawValue), .text(alias.kind.rawValue), .text(alias.value), .text(contact.rawValue),
                .integer(now),
            ])
        }
        try session.send(
            """
            INSERT INTO contact_aliases (account_id, kind, value, contact_id, created_at)
            SELECT r.account_id, r.kind, r.value, r.contact_id, r.created_at FROM {rows} WHERE true
            """, rows)
    }

    /// A merged contact's room keeps its history and points to where the conversation goes on.
    func redirect(_ rooms: [RoomName: RoomName], _ session: SQLSession) throws {
        var rows = SQLRows([("name", .text), ("target", .text), ("now", .bigint)])
        for (from, into) in rooms { rows.append([.text(from.rawValue), .text(into.rawValue), .integer(now)]) }
        try session.send(
            """
            UPDATE rooms SET merged_into = r.target, updated_at = r.now FROM {rows} WHERE rooms.room_name = r.name
            """, rows)
    }
}
