import SQL

/// Where the search index has come to.
struct SearchProgress: Equatable {
    /// The last event that it went through.
    var position: Int64
    /// Of what was there before the index: messages older than this id are still to come; nil: none.
    var messagesBefore: String?
    /// Rooms after this name are still to come; nil: none.
    var roomsAfter: String?
    /// The last event there is.
    let last: Int64

    var hasMore: Bool { position < last || isCatchingUp }
    var isCatchingUp: Bool { messagesBefore != nil || roomsAfter != nil }

    /// - Parameter lock: how to lock it; nil comes back where somebody else has it.
    static func find(_ session: SQLSession, _ lock: String = "") throws -> SearchProgress? {
        guard let row = try session.query("SELECT * FROM search_progress WHERE name = 'index' \(lock)").first else {
            return nil
        }
        return SearchProgress(
            position: try row.integer("position"), messagesBefore: try row.textOrNil("messages_before"),
            roomsAfter: try row.textOrNil("rooms_after"), last: try EventLog.last(session))
    }

    func store(_ session: SQLSession) throws {
        try session.execute(
            "UPDATE search_progress SET position = $1, messages_before = $2, rooms_after = $3 WHERE name = 'index'",
            [.integer(position), SQLValue(messagesBefore), SQLValue(roomsAfter)])
    }
}
