import SQL

/// The durable list of events: each is written in the transaction of the change that it tells of.
enum EventLog {
    /// Positions are given out under a row lock that is held until the commit, so that a reader who has seen one has
    /// seen all before it. Call it late in a transaction: the next event waits for its end.
    static func append(_ events: [Event], _ session: SQLSession) throws {
        guard !events.isEmpty else { return }
        let last = try session.query(
            "UPDATE event_counter SET position = position + $1 WHERE name = 'events' RETURNING position",
            [.integer(Int64(events.count))]
        ).first?.integer("position")
        guard let last else { throw GatewayError(.internalError, "internal error", cause: "no counter of events") }
        var rows = SQLRows([
            ("position", .bigint), ("id", .text), ("type", .text), ("account", .text), ("room", .text),
            ("sequence", .bigint), ("timestamp", .bigint), ("data", .json),
        ])
        for (index, event) in events.enumerated() {
            rows.append([
                .integer(last - Int64(events.count - 1 - index)), .text(event.id), .text(event.type),
                .text(event.account.rawValue), SQLValue(event.room?.rawValue), SQLValue(event.sequence),
                .integer(event.timestamp), MessageColumns.json(event.data),
            ])
        }
        _ = try session.batch(
            """
            INSERT INTO events (position, event_id, type, account_id, room_name, sequence, timestamp, data)
            SELECT r.position, r.id, r.type, r.account, r.room, r.sequence, r.timestamp, r.data
            FROM {rows} WHERE true
            """, rows)
    }
}
