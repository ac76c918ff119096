import SQL

/// Reactions, edits and deletions, each once; also of messages that are not known yet.
enum ChangeLog {
    static func record(_ changes: [MessageChange], _ session: SQLSession) throws {
        var rows = SQLRows([
            ("account", .text), ("id", .text), ("target", .text), ("kind", .text), ("author", .text),
            ("payload", .json), ("timestamp", .bigint), ("now", .bigint),
        ])
        for change in changes {
            rows.append([
                .text(change.account.rawValue), .text(change.id), .text(change.target), .text(change.kind.rawValue),
                .text(change.author), MessageColumns.json(change.payload), .integer(change.timestamp),
                .integer(change.receivedAt),
            ])
        }
        try session.send(
            """
            INSERT INTO message_changes
                (account_id, change_id, target_id, kind, author, payload, timestamp, received_at)
            SELECT r.account, r.id, r.target, r.kind, r.author, r.payload, r.timestamp, r.now FROM {rows} WHERE true
            ON CONFLICT DO NOTHING
            """, rows)
    }

    static func find(_ messages: [Message], _ session: SQLSession) throws -> [MessageIdentity: [MessageChange]] {
        try request(Set(messages.compactMap(\.identity)), session)()
    }

    /// Asks now and gives the answer when it is called.
    static func request(
        _ targets: Set<MessageIdentity>, _ session: SQLSession
    ) throws -> () throws -> [MessageIdentity: [MessageChange]] {
        var rows = SQLRows([("account", .text), ("id", .text)])
        for target in targets where target.hasWhatsAppID {
            rows.append([.text(target.account.rawValue), .text(target.key)])
        }
        let answer = try session.send(
            """
            SELECT c.* FROM {rows}
            JOIN message_changes c ON c.account_id = r.account AND c.target_id = r.id
            """, rows)
        return {
            Dictionary(grouping: try answer.rows().map(MessageChange.init)) {
                MessageIdentity(account: $0.account, whatsappMessageID: $0.target)
            }
        }
    }
}
