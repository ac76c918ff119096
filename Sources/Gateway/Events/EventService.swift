import SQL

package struct EventPage: Sendable {
    package let events: [Event]
    package let hasMore: Bool
}

/// Reading what happened, oldest first.
package struct EventService: Sendable {
    let database: Database

    /// - Parameter after: the id of the last event that the caller has; one that was removed by age counts as well.
    package func list(
        after: String? = nil, type: Event.Kind? = nil, account: AccountID? = nil, limit: Int
    ) async throws(GatewayError) -> EventPage {
        do {
            let events = try await database.read { session in
                let start = try after.map { try Self.position(of: $0, session) } ?? 0
                return try session.query(
                    """
                    SELECT event_id, type, account_id, room_name, sequence, timestamp, data FROM events
                    WHERE position > $1 AND ($2 = '' OR type = $2) AND ($3 = '' OR account_id = $3)
                    ORDER BY position LIMIT $4
                    """,
                    [
                        .integer(start), .text(type?.rawValue ?? ""), .text(account?.rawValue ?? ""),
                        .integer(Int64(limit) + 1),
                    ]
                ).map(Event.init)
            }
            return EventPage(events: Array(events.prefix(limit)), hasMore: events.count > limit)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// Ids begin with their time: the place of one that is gone is before all that are younger.
    private static func position(of id: String, _ session: SQLSession) throws -> Int64 {
        try session.query(
            """
            SELECT COALESCE(
                (SELECT position FROM events WHERE event_id = $1),
                (SELECT MIN(position) - 1 FROM events WHERE event_id > $1),
                (SELECT MAX(position) FROM events), 0) AS position
            """, [.text(id)]
        ).first?.integer("position") ?? 0
    }
}
