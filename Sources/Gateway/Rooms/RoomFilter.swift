import SQL

/// Which rooms a list holds.
package struct RoomFilter: Sendable {
    package var account: AccountID?
    package var state: RoomState?
    package var assignee: String?
    package var tag: String?
    /// Of names, numbers and tags.
    package var query: SearchQuery?

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

    /// The latest first. The indexes are by state, so a list of both is put together of one of each.
    func rooms(after cursor: RoomCursor?, limit: Int, _ session: SQLSession) throws -> [Room] {
        var values: [SQLValue] = [
            .integer(cursor?.time ?? .max), .text(cursor?.name ?? ""), .integer(Int64(limit)),
        ]
        var joins = ""
        var conditions = "(m.last_message_at, m.room_name) < ($1, $2)"
        func parameter(_ value: String) -> String {
            values.append(.text(value))
            return "$\(values.count)"
        }
        if let tag { joins = "JOIN room_tags t ON t.room_name = m.room_name AND t.tag = \(parameter(tag))" }
        if let query {
            joins += " JOIN search_rooms s ON s.room_name = m.room_name"
            conditions += " AND " + query.rooms(parameter(query.text(for: session.engine)), session.engine)
        }
        if let account { conditions += " AND m.account_id = \(parameter(account.rawValue))" }
        if let assignee { conditions += " AND m.assignee = \(parameter(assignee))" }
        let parts = (state.map { [$0] } ?? RoomState.allCases).map { state in
            """
            SELECT * FROM (
                \(Room.selection) \(joins) WHERE m.state = '\(state.rawValue)' AND \(conditions)
                ORDER BY m.last_message_at DESC, m.room_name DESC LIMIT $3
            ) AS \(state.rawValue)_rooms
            """
        }
        return try session.query(
            "\(parts.joined(separator: " UNION ALL ")) ORDER BY last_message_at DESC, room_name DESC LIMIT $3", values
        ).map(Room.init)
    }
}
