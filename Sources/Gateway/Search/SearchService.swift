import SQL

package struct SearchPage: Sendable {
    package let messages: [Message]
    /// For the next page; nil on the last one.
    package let nextCursor: String?
}

/// Finds messages by their words.
package struct SearchService: Sendable {
    let database: Database
    let messages: MessageStore

    /// Those with all the words, the newest first.
    /// - Parameter cursor: `nextCursor` of the page before.
    package func find(
        _ query: SearchQuery, room: RoomName? = nil, account: AccountID? = nil, limit: Int, cursor: String? = nil
    ) async throws(GatewayError) -> SearchPage {
        let start = try Self.start(cursor)
        do {
            return try await database.read { session in
                let scope = SearchScope(query: query, room: room, account: account)
                let rows = try scope.rows(before: start, limit: limit + 1, session)
                let page = rows.prefix(limit)
                let found = try messages.find(
                    try page.map { MessageID(rawValue: try $0.text("message_id")) }, session)
                let byID = Dictionary(found.map { ($0.messageID.rawValue, $0) }) { first, _ in first }
                let last = rows.count > limit ? try page.last?.integer("document") : nil
                return SearchPage(
                    messages: try page.compactMap { byID[try $0.text("message_id")] },
                    nextCursor: last.map { String($0) })
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    private static func start(_ cursor: String?) throws(GatewayError) -> Int64 {
        guard let cursor else { return .max }
        guard let start = Int64(cursor), start >= 0, !cursor.hasPrefix("+"), !cursor.hasPrefix("-") else {
            throw GatewayError(
                .invalid, "`cursor` must be the nextCursor of the page before", data: ["field": "cursor"])
        }
        return start
    }
}
