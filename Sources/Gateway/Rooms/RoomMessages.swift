import SQL

/// Takes messages out of their rooms.
enum RoomMessages {
    /// Whoever counted them as unread counts them no more. Call it under the locks of the rooms.
    /// - Parameter ids: `id`, of the messages.
    static func delete(_ ids: SQLRows, at now: Milliseconds, _ session: SQLSession) throws {
        let removed = try session.batch(
            """
            DELETE FROM chat_messages WHERE message_id IN (SELECT r.id FROM {rows})
            RETURNING room_name, direction = 'incoming' AND status = 'delivered' AND delivered_at IS NOT NULL AS unread
            """, ids)
        var counts: [String: Int64] = [:]
        for row in removed where try row.bool("unread") { counts[try row.text("room_name"), default: 0] += 1 }
        var changes = SQLRows([("name", .text), ("count", .bigint), ("now", .bigint)])
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) {
            changes.append([.text(name), .integer(count), .integer(now)])
        }
        let changed = try session.batch(
            """
            UPDATE rooms SET updated_at = r.now,
                unread_count = CASE WHEN unread_count > r.count THEN unread_count - r.count ELSE 0 END
            FROM {rows} WHERE rooms.room_name = r.name AND unread_count > 0 RETURNING room_name, account_id
            """, changes)
        EventLog.append(
            try changed.map { row in
                .roomUpdated(
                    RoomName(rawValue: try row.text("room_name")),
                    of: AccountID(rawValue: try row.text("account_id")), ["unreadCount"], at: now)
            }, session)
    }
}
