import SQL

/// The durable list of events: each is written in the transaction of the change that it tells of.
enum EventLog {
    /// Notified with each transaction that wrote events.
    static let channel = "events"

    static func append(_ events: [NewEvent], _ session: SQLSession) {
        guard !events.isEmpty else { return }
        session.closing(Closing.init).events += events
    }

    /// What was told of these messages. Readers pass over the gaps.
    static func erase(_ messages: [Message], _ session: SQLSession) throws {
        var rows = SQLRows([("room", .text), ("id", .text)])
        for message in messages { rows.append([.text(message.roomName.rawValue), .text(message.messageID.rawValue)]) }
        _ = try session.batch(
            "DELETE FROM events WHERE (room_name, message_id) IN (SELECT r.room, r.id FROM {rows})", rows)
    }

    /// All that was told of a room, or would be by this transaction.
    static func erase(room: RoomName, _ session: SQLSession) throws {
        session.closing(Closing.init).events.removeAll { $0.room == room }
        _ = try session.execute("DELETE FROM events WHERE room_name = $1", [.text(room.rawValue)])
    }

    /// The position of the last event; 0 when there was none.
    static func last(_ session: SQLSession) throws -> Int64 {
        try session.query("SELECT position FROM event_counter WHERE name = 'events'").first?.integer("position") ?? 0
    }

    /// Positions are given out under a row lock that is held until the commit, so that a reader who has seen one has
    /// seen all before it. The next transaction with events waits for that commit and for nothing else.
    private final class Closing: ClosingStatements {
        var events: [NewEvent] = []

        func write(_ session: SQLSession) throws {
            guard !events.isEmpty else { return }
            var count = SQLRows([("count", .bigint)])
            count.append([.integer(Int64(events.count))])
            try session.send(
                "UPDATE event_counter SET position = position + r.count FROM {rows} WHERE name = 'events'", count)
            var rows = SQLRows([
                ("back", .bigint), ("type", .text), ("account", .text), ("room", .text), ("message", .text),
                ("sequence", .bigint), ("timestamp", .bigint), ("data", .json),
            ])
            for (index, event) in events.enumerated() {
                rows.append([
                    .integer(Int64(events.count - 1 - index)), .text(event.kind.rawValue),
                    .text(event.account.rawValue), SQLValue(event.room?.rawValue), SQLValue(event.message?.rawValue),
                    SQLValue(event.sequence), .integer(event.timestamp), event.data.map(MessageColumns.json) ?? .null,
                ])
            }
            try session.send(
                """
                INSERT INTO events (position, type, account_id, room_name, message_id, sequence, timestamp, data)
                SELECT c.position - r.back, r.type, r.account, r.room, r.message, r.sequence, r.timestamp, r.data
                FROM {rows} JOIN event_counter c ON c.name = 'events'
                """, rows)
            try session.notify(EventLog.channel)
        }
    }
}
