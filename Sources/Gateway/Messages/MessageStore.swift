import SQL

/// Writes messages to both tables at once, and marks them for MongoDB in the same transaction.
/// Whoever changes messages holds the lock of their rooms (`RoomLock`), so nothing here needs a row lock.
struct MessageStore: Sendable {
    /// Whether a mirror is set up; without one nothing would ever empty the outbox.
    let isMirrored: Bool

    /// - Parameter history: those from before the gateway knew the number.
    func insert(_ messages: [Message], history: Set<MessageID> = [], _ session: SQLSession) throws {
        let changing = messages.map(MessageColumns.changingValues)
        let insertion = MessageColumns.Insertion.of(changing)
        var network = insertion.network
        var room = insertion.room
        for (message, changing) in zip(messages, changing) {
            let shared = MessageColumns.fixedValues(message) + insertion.places.map { changing[$0] }
            if message.isOnWhatsApp { network.append(shared + MessageColumns.networkOnlyValues(message)) }
            if message.isInRoom { room.append(shared + MessageColumns.roomOnlyValues(message)) }
        }
        try session.send(insertion.intoNetwork, network)
        try session.send(insertion.intoRoom, room)
        try mark(messages, session)
        EventLog.append(
            messages.flatMap { MessageEvents.created($0, isHistory: history.contains($0.messageID)) }, session)
    }

    /// Stores the changed messages under the next revision.
    func update(_ changes: [(before: Message, after: Message)], at now: Milliseconds, _ session: SQLSession) throws {
        guard !changes.isEmpty else { return }
        var rows = SQLRows([("message_id", .text)] + MessageColumns.changing)
        let changed = changes.map { change in
            var message = change.after
            message.revision += 1
            message.updatedAt = now
            return message
        }
        for message in changed {
            rows.append([.text(message.messageID.rawValue)] + MessageColumns.changingValues(message))
        }
        for statement in MessageColumns.changes { try session.send(statement, rows) }
        try mark(changed, session)
        EventLog.append(
            zip(changes, changed).flatMap { MessageEvents.changed(from: $0.before, to: $1) }, session)
    }

    func find(_ ids: [MessageID], _ session: SQLSession) throws -> [Message] { try request(ids, session)() }

    /// Asks now and gives the messages when it is called.
    func request(_ ids: [MessageID], _ session: SQLSession) throws -> () throws -> [Message] {
        let answer = try Self.ask(
            Set(ids), "SELECT m.* FROM {rows} JOIN chat_messages m ON m.message_id = r.id", session)
        return {
            let found = try answer.rows().map(Message.init)
            let missing = Set(ids).subtracting(found.map(\.messageID))
            // What has no place in the room (a reaction that goes out) stands in the other table alone.
            let others = try Self.ask(
                missing,
                """
                SELECT m.*, NULL AS sender, FALSE AS private
                FROM {rows} JOIN whatsapp_messages m ON m.message_id = r.id
                """, session)
            return try found + others.rows().map(Message.init)
        }
    }

    private static func ask(_ ids: Set<MessageID>, _ sql: String, _ session: SQLSession) throws -> SQLAnswer {
        var rows = SQLRows([("id", .text)])
        for id in ids { rows.append([.text(id.rawValue)]) }
        return try session.send(sql, rows)
    }

    /// Changes one message under the lock of its room.
    /// - Parameter body: returns whether it changed anything.
    func change(
        _ id: MessageID, at now: Milliseconds, _ session: SQLSession, _ body: (inout Message) throws -> Bool
    ) throws {
        guard let room = try find([id], session).first?.roomName else { return }
        _ = try RoomLock.take([room], session)
        // Read again: whoever held the lock may have changed it.
        guard let before = try find([id], session).first else { return }
        var message = before
        guard try body(&message) else { return }
        try update([(before, message)], at: now, session)
    }

    /// A mark carries the message's revision, so that who copied an older one can't take it for done.
    private func mark(_ messages: [Message], _ session: SQLSession) throws {
        guard isMirrored else { return }
        try Self.mark(messages, session) { ($0.revision, $0.updatedAt) }
    }

    /// Marks messages in each collection that holds them.
    static func mark(
        _ messages: [Message], _ session: SQLSession,
        _ stamp: (Message) -> (revision: Int64, queuedAt: Milliseconds)
    ) throws {
        var rows = SQLRows([
            ("collection", .text), ("message_id", .text), ("revision", .bigint), ("queued_at", .bigint),
        ])
        for message in messages {
            let stamp = stamp(message)
            for collection in MirrorCollection.allCases where collection.holds(message) {
                rows.append([
                    .text(collection.rawValue), .text(message.messageID.rawValue), .integer(stamp.revision),
                    .integer(stamp.queuedAt),
                ])
            }
        }
        try mark(rows, session)
    }

    /// - Parameter rows: collection, message_id, revision (the message's own), queued_at.
    static func mark(_ rows: SQLRows, _ session: SQLSession) throws {
        try session.send(
            """
            INSERT INTO mirror_outbox (collection, message_id, revision, queued_at)
            SELECT r.collection, r.message_id, r.revision, r.queued_at FROM {rows} WHERE true
            ON CONFLICT (collection, message_id) DO UPDATE SET run_at = 0, revision =
                CASE WHEN excluded.revision > mirror_outbox.revision THEN excluded.revision
                ELSE mirror_outbox.revision END
            """, rows)
    }
}
