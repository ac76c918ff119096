import Logging
import SQL
import ServiceLifecycle

/// Follows the list of events and leaves a job for each room in which something happened. It keeps its place in the
/// database and moves it in the transaction that leaves the jobs: nothing is missed or done twice by a restart, and of
/// several gateways one at a time goes on.
struct LiveKitFollower: Service {
    let database: Database
    let clock: Clock
    let logger: Logger
    /// Jobs are due.
    let wake: @Sendable () -> Void
    /// Raised when there may be something to tell.
    let signal: Signal

    private static let page: Int64 = 1000
    private static let poll: Duration = .seconds(1)

    /// Makes the place in the list, before anything comes in: what happened until then is not told to LiveKit.
    static func begin(_ database: Database) async throws {
        try await database.transaction { session in
            _ = try session.execute(
                """
                INSERT INTO event_cursors (name, position)
                SELECT 'livekit', position FROM event_counter WHERE name = 'events'
                ON CONFLICT (name) DO NOTHING
                """)
        }
    }

    func run() async throws {
        await repeatUntilStopped(waking: signal) { _ in
            if await !advance() { await signal.wait(atMost: Self.poll) }
        }
    }

    /// - Returns: whether there may be more.
    private func advance() async -> Bool {
        do {
            guard try await isBehind() else { return false }
            let count = try await step()
            if count > 0 { wake() }
            return count == Self.page
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("LiveKit is told later", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return false
        }
    }

    private func isBehind() async throws -> Bool {
        try await database.read { session in
            guard let position = try Self.position(session) else { return false }
            return try EventLog.last(session) > position
        }
    }

    /// - Returns: how many events were gone through; none while another gateway is at it.
    func step() async throws -> Int64 {
        let now = clock.now()
        return try await database.transaction { session in
            guard let position = try Self.position(session, "{for update skip locked}") else { return 0 }
            let last = try EventLog.last(session)
            let rows = try session.query(
                "SELECT position, account_id, room_name FROM events WHERE position > $1 ORDER BY position LIMIT $2",
                [.integer(position), .integer(Self.page)])
            var jobs: [String: Job] = [:]
            for row in rows {
                guard let room = try row.textOrNil("room_name"), jobs[room] == nil else { continue }
                jobs[room] = LiveKitRoomJob.job(
                    RoomName(rawValue: room), of: AccountID(rawValue: try row.text("account_id")),
                    from: try row.integer("position"), at: now)
            }
            try JobQueue.insert(Array(jobs.values), unless: .laneWaits, session)
            // The last ones may have been erased.
            let end = max(try rows.last?.integer("position") ?? 0, rows.count == Int(Self.page) ? 0 : last)
            try session.execute(
                "UPDATE event_cursors SET position = $1 WHERE name = 'livekit'", [.integer(end)])
            return Int64(rows.count)
        }
    }

    private static func position(_ session: SQLSession, _ lock: String = "") throws -> Int64? {
        try session.query("SELECT position FROM event_cursors WHERE name = 'livekit' \(lock)").first?
            .integer("position")
    }
}
