import SQL

/// Which messages are looked for, and how. The newest ones are looked at one by one first, and the index is asked for
/// what is older: of a frequent word, or of one frequent elsewhere, the index gives all places, though the newest are
/// all that is wanted.
struct SearchScope {
    /// So many are looked at.
    private static let window = 2000

    let query: SearchQuery
    let room: RoomName?
    let account: AccountID?

    /// - Returns: `document` and `message_id`, the newest first.
    func rows(before start: Int64, limit: Int, _ session: SQLSession) throws -> [SQLRow] {
        let recent = try inWindow(start, limit, session)
        guard recent.count < limit, let edge = try windowEnd(start, session) else { return recent }
        return recent + (try inIndex(edge, limit - recent.count, session))
    }

    private func values(before start: Int64, limit: Int) -> [SQLValue] {
        [.integer(start), .integer(Int64(limit))]
            + [room?.rawValue, account?.rawValue].compactMap(\.self).map(SQLValue.text)
    }

    private var conditions: String { "s.document < $1 \(narrowing)" }

    private var narrowing: String {
        let columns = [room.map { _ in "s.room_name" }, account.map { _ in "s.account_id" }].compactMap(\.self)
        return columns.enumerated().map { "AND \($1) = $\($0 + 3)" }.joined(separator: " ")
    }

    /// The oldest document of the window; nil when the window holds all there are.
    private func windowEnd(_ start: Int64, _ session: SQLSession) throws -> Int64? {
        try session.query(
            """
            SELECT s.document FROM search_messages s WHERE \(conditions)
            ORDER BY s.document DESC LIMIT $2 OFFSET \(Self.window - 1)
            """, values(before: start, limit: 1)
        ).first?.integer("document")
    }

    private func inWindow(_ start: Int64, _ limit: Int, _ session: SQLSession) throws -> [SQLRow] {
        var values = values(before: start, limit: limit)
        let hasWords = query.condition(of: "s.words", &values, session.engine)
        return try session.query(
            """
            SELECT s.document, s.message_id FROM (
                SELECT s.document, s.message_id, s.words FROM search_messages s WHERE \(conditions)
                ORDER BY s.document DESC LIMIT \(Self.window)
            ) s WHERE \(hasWords) AND \(Self.isThere) ORDER BY s.document DESC LIMIT $2
            """, values)
    }

    private func inIndex(_ start: Int64, _ limit: Int, _ session: SQLSession) throws -> [SQLRow] {
        let values = values(before: start, limit: limit) + [.text(query.text(for: session.engine))]
        let (matches, order) =
            switch session.engine {
            // A sum is no index's order: PostgreSQL would go through all documents in theirs for a rare word.
            case .postgres: ("search_messages s WHERE s.words @@ CAST($\(values.count) AS TSQUERY)", "s.document + 0")
            case .sqlite:
                (
                    """
                    search_message_words w CROSS JOIN search_messages s ON s.document = w.rowid
                    WHERE w.search_message_words MATCH $\(values.count)
                    """, "w.rowid"
                )
            }
        return try session.query(
            """
            SELECT s.document, s.message_id FROM \(matches) AND \(order) < $1 \(narrowing) AND \(Self.isThere)
            ORDER BY \(order) DESC LIMIT $2
            """, values)
    }

    /// What was deleted a moment ago may still be in the index.
    private static let isThere = """
        EXISTS (SELECT 1 FROM chat_messages m WHERE m.message_id = s.message_id AND m.deleted_at IS NULL)
        """
}
