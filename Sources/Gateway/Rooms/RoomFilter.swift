import SQL

/// Which rooms a list holds.
package struct RoomFilter: Sendable {
    package var account: AccountID?
    package var state: RoomState?
    package var assignee: String?
    package var tag: String?
    /// Of names, numbers and tags.
    package var query: SearchQuery?

    /// So many of the latest rooms are looked at one by one before the index of words is asked: it would give all rooms
    /// of a frequent word, though the latest are all that is wanted.
    private static let window = 500

    package init(
        account: AccountID? = nil, state: RoomState? = nil, assignee: String? = nil, tag: String? = nil,
        query: SearchQuery? = nil
    ) {
        self.account = account
        self.state = state
        self.assignee = assignee
        self.tag = tag
        self.query = query
    }

    /// The latest first.
    func rooms(after cursor: RoomCursor?, limit: Int, _ session: SQLSession) throws -> [Room] {
        let values: [SQLValue] = [
            .integer(cursor?.time ?? .max), .text(cursor?.name ?? ""), .integer(Int64(limit)),
        ]
        guard let query else { return try latest(values, session) }
        let near = try latest(values, with: query, session)
        return near.count == limit ? near : try all(values, with: query, session)
    }

    /// In the order of the indexes. These are by state, so a list of both is put together of one of each.
    private func latest(
        _ start: [SQLValue], with query: SearchQuery? = nil, _ session: SQLSession
    ) throws -> [Room] {
        var values = start
        let (join, conditions) = narrowing(&values)
        let parts = (state.map { [$0] } ?? RoomState.allCases).map { state in
            """
            SELECT * FROM (
                \(Room.selection) \(join)
                WHERE m.state = '\(state.rawValue)' AND (m.last_message_at, m.room_name) < ($1, $2) \(conditions)
                ORDER BY m.last_message_at DESC, m.room_name DESC LIMIT \(query == nil ? "$3" : "\(Self.window)")
            ) AS \(state.rawValue)_rooms
            """
        }
        var rooms = parts.joined(separator: " UNION ALL ")
        if let query {
            rooms = """
                SELECT m.* FROM (\(rooms) ORDER BY last_message_at DESC, room_name DESC LIMIT \(Self.window)) AS m
                JOIN search_rooms s ON s.room_name = m.room_name
                WHERE \(query.condition(of: "s.words", &values, session.engine))
                """
        }
        return try session.query("\(rooms) ORDER BY last_message_at DESC, room_name DESC LIMIT $3", values)
            .map(Room.init)
    }

    /// By the index of words. What is no column's own value can't be looked up in another index, however few rooms an
    /// engine expects to go through there.
    private func all(_ start: [SQLValue], with query: SearchQuery, _ session: SQLSession) throws -> [Room] {
        var values = start
        let (join, conditions) = narrowing(&values)
        values.append(.text(query.text(for: session.engine)))
        let found =
            switch session.engine {
            case .postgres: "search_rooms s WHERE s.words @@ CAST($\(values.count) AS TSQUERY)"
            case .sqlite:
                """
                search_room_words w CROSS JOIN search_rooms s ON s.document = w.rowid
                WHERE w.search_room_words MATCH $\(values.count)
                """
            }
        return try session.query(
            """
            \(Room.selection) \(join)
            WHERE m.room_name IN (SELECT s.room_name FROM \(found))
            AND (m.last_message_at + 0, m.room_name) < ($1, $2) \(conditions)
            \(state.map { "AND m.state || '' = '\($0.rawValue)'" } ?? "")
            ORDER BY m.last_message_at + 0 DESC, m.room_name DESC LIMIT $3
            """, values
        ).map(Room.init)
    }

    private func narrowing(_ values: inout [SQLValue]) -> (join: String, conditions: String) {
        var join = ""
        var conditions = ""
        if let tag {
            values.append(.text(tag))
            join = "JOIN room_tags t ON t.room_name = m.room_name AND t.tag = $\(values.count)"
        }
        for (column, value) in [("account_id", account?.rawValue), ("assignee", assignee)] {
            guard let value else { continue }
            values.append(.text(value))
            conditions += " AND m.\(column) = $\(values.count)"
        }
        return (join, conditions)
    }
}
