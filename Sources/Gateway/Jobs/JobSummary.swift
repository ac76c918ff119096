import SQL

/// A job as operators see it: no content, no keys of lanes.
package struct JobSummary: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open, running, dead
    }

    package let id: String
    package let kind: String
    package let account: String
    package let state: State
    package let attempts: Int64
    package let pauses: Int64
    package let failures: Int64
    package let lastError: String?
    package let createdAt: Milliseconds
    package let runAt: Milliseconds
    package let messageID: String?
    package fileprivate(set) var room: String?

    private init(_ row: SQLRow) throws {
        id = try row.text("job_id")
        kind = try row.text("kind")
        account = try row.text("account_id")
        state = State(rawValue: try row.text("state")) ?? .open
        attempts = try row.integer("attempts")
        pauses = try row.integer("pauses")
        failures = try row.integer("failures")
        lastError = try row.textOrNil("last_error")
        createdAt = try row.integer("created_at")
        runAt = try row.integer("run_at")
        messageID = try row.json("payload")?["messageId"]?.string
        let lane = try row.text("lane").split(separator: ":", maxSplits: 1)
        let isOfRoom = ["send", "read", "livekit"].contains(lane.first) || kind == Job.Kind.deliverEvent.rawValue
        room = isOfRoom && lane.count == 2 ? String(lane[1]) : nil
    }

    /// Reads rows of `jobs`, each with the room that it is about.
    static func read(_ rows: [SQLRow], _ session: SQLSession) throws -> [JobSummary] {
        var jobs = try rows.map(JobSummary.init)
        var ids = SQLRows([("id", .text)])
        for id in Set(jobs.filter { $0.room == nil }.compactMap(\.messageID)) { ids.append([.text(id)]) }
        var rooms: [String: String] = [:]
        for row in try session.batch(
            "SELECT m.message_id, m.room_name FROM {rows} JOIN whatsapp_messages m ON m.message_id = r.id", ids)
        {
            rooms[try row.text("message_id")] = try row.text("room_name")
        }
        for index in jobs.indices where jobs[index].room == nil {
            jobs[index].room = jobs[index].messageID.flatMap { rooms[$0] }
        }
        return jobs
    }
}
