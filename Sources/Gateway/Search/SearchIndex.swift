import SQL

/// Brings messages and rooms into the tables that are searched. Whoever calls it holds the row of the index's progress,
/// so there is one writer at a time. What is deleted leaves the index with its row, by the tables' own rules.
struct SearchIndex {
    let session: SQLSession

    /// A document's number grows with the message's time; so many of one millisecond have a number of their own.
    private static let perMillisecond: Int64 = 1 << 20
    private static let latest: Int64 = 1 << 43 - 1

    /// The least number of a document of that time.
    static func document(at time: Milliseconds) -> Int64 { min(max(time, 0), latest) * perMillisecond }

    /// As they are now: a message that says nothing, or was deleted by who wrote it, is not found.
    /// - Returns: how many there are in it that were not.
    func index(messages ids: some Sequence<String>) throws -> Int {
        var rows = SQLRows([("id", .text)])
        for id in Set(ids) { rows.append([.text(id)]) }
        let found = try session.batch(
            """
            SELECT m.message_id, m.account_id, m.room_name, m.sequence, m.timestamp, m.text, m.caption, m.file_name, m.deleted_at,
                s.document
            FROM {rows} JOIN chat_messages m ON m.message_id = r.id
            LEFT JOIN search_messages s ON s.message_id = m.message_id
            """, rows)
        var silent = SQLRows([("id", .text)])
        var known = SQLRows([("id", .text), ("words", .text)])
        var fresh: [(row: SQLRow, words: String, base: Int64)] = []
        for row in found {
            let isDeleted = try row.integerOrNil("deleted_at") != nil
            let texts = isDeleted ? [] : try ["text", "caption", "file_name"].map { try row.textOrNil($0) }
            let words = SearchWords.words(of: texts).joined(separator: " ")
            if try row.integerOrNil("document") == nil {
                guard !words.isEmpty else { continue }
                fresh.append((row, words, Self.document(at: try row.integer("timestamp"))))
            } else if words.isEmpty {
                silent.append([row["message_id"]])
            } else {
                known.append([row["message_id"], .text(words)])
            }
        }
        try session.batch("DELETE FROM search_messages WHERE message_id IN (SELECT r.id FROM {rows})", silent)
        try session.batch(
            """
            UPDATE search_messages SET words = CAST(r.words AS {words}) FROM {rows}
            WHERE search_messages.message_id = r.id AND search_messages.words <> CAST(r.words AS {words})
            """, known)
        try insert(fresh)
        return fresh.count
    }

    private func insert(_ fresh: [(row: SQLRow, words: String, base: Int64)]) throws {
        var bases = SQLRows([("base", .bigint)])
        for base in Set(fresh.map(\.base)) { bases.append([.integer(base)]) }
        let taken = try session.batch(
            """
            SELECT r.base, (
                SELECT s.document FROM search_messages s
                WHERE s.document >= r.base AND s.document < r.base + \(Self.perMillisecond)
                ORDER BY s.document DESC LIMIT 1) AS last
            FROM {rows}
            """, bases)
        var next: [Int64: Int64] = [:]
        for row in taken { next[try row.integer("base")] = try row.integerOrNil("last").map { $0 + 1 } }
        var rows = SQLRows([
            ("document", .bigint), ("id", .text), ("account", .text), ("room", .text), ("words", .text),
        ])
        // WhatsApp tells whole seconds: what a room heard within one stays in the room's order.
        for (row, words, base) in try fresh.sorted(by: { try $0.row.integer("sequence") < $1.row.integer("sequence") })
        {
            let document = next[base] ?? base
            next[base] = document + 1
            rows.append([
                .integer(document), row["message_id"], row["account_id"], row["room_name"], .text(words),
            ])
        }
        try session.batch(
            """
            INSERT INTO search_messages (document, message_id, account_id, room_name, words)
            SELECT r.document, r.id, r.account, r.room, CAST(r.words AS {words}) FROM {rows} WHERE true
            """, rows)
    }

    func index(rooms names: some Sequence<String>) throws {
        var rows = SQLRows([("name", .text)])
        for name in Set(names) { rows.append([.text(name)]) }
        let found = try session.batch(
            """
            SELECT m.room_name, m.phone_number, m.tags, c.name, c.username, s.document
            FROM {rows} JOIN rooms m ON m.room_name = r.name JOIN contacts c ON c.contact_id = m.contact_id
            LEFT JOIN search_rooms s ON s.room_name = m.room_name
            """, rows)
        var known = SQLRows([("name", .text), ("words", .text)])
        var fresh: [(name: String, words: String)] = []
        for row in found {
            let name = try row.text("room_name")
            let words = RoomWords.words(
                name: try row.textOrNil("name"), username: try row.textOrNil("username"),
                phoneNumber: try row.textOrNil("phone_number"),
                tags: try row.json("tags")?.array?.compactMap(\.string) ?? []
            ).joined(separator: " ")
            if try row.integerOrNil("document") != nil {
                known.append([.text(name), .text(words)])
            } else {
                fresh.append((name, words))
            }
        }
        try session.batch(
            """
            UPDATE search_rooms SET words = CAST(r.words AS {words}) FROM {rows}
            WHERE search_rooms.room_name = r.name AND search_rooms.words <> CAST(r.words AS {words})
            """, known)
        try insert(fresh)
    }

    private func insert(_ fresh: [(name: String, words: String)]) throws {
        guard !fresh.isEmpty else { return }
        var next =
            try session.query("SELECT document FROM search_rooms ORDER BY document DESC LIMIT 1").first?
            .integer("document") ?? 0
        var rows = SQLRows([("document", .bigint), ("name", .text), ("words", .text)])
        for (name, words) in fresh {
            next += 1
            rows.append([.integer(next), .text(name), .text(words)])
        }
        try session.batch(
            """
            INSERT INTO search_rooms (document, room_name, words)
            SELECT r.document, r.name, CAST(r.words AS {words}) FROM {rows} WHERE true
            """, rows)
    }
}
