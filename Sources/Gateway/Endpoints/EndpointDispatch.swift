import JSON
import Logging
import SQL
import ServiceLifecycle

/// Makes jobs of events, one for each endpoint that wants one. The endpoint's position moves in the transaction that
/// writes the jobs, so each event becomes one job, whichever gateway does it and whenever it crashes. For an endpoint that
/// takes nothing hardly any are made: the list of events waits for it, and no heap of jobs. Nor is there one for an endpoint
/// that is far behind: it was told to begin anew, or was away.
package struct EndpointDispatch: Service {
    let database: Database
    let clock: Clock
    let logger: Logger
    /// Jobs are due.
    let wake: @Sendable () -> Void
    /// Raised when there may be something to tell.
    let signal: Signal
    /// Open jobs of one endpoint beyond which those of a long list are left for later.
    var heap: Int64 = 2000

    private static let page: Int64 = 200
    static let poll: Duration = .seconds(2)
    private static let moment: Duration = .milliseconds(25)
    /// While there is nobody to tell; the first of them may wait for that long.
    private static let pauseForNobody: Duration = .milliseconds(500)

    package func run() async throws {
        let stopped = Signal()
        await repeatUntilStopped(waking: signal, stopped) { _ in
            let look = await advance()
            if look == .hasMore { return }
            await signal.wait(atMost: Self.poll)
            // Under load every commit rings; one look is enough for those of a moment.
            await stopped.wait(atMost: look == .nobody ? Self.pauseForNobody : Self.moment)
        }
    }

    enum Look: Sendable {
        case hasMore, done
        /// There are no endpoints, or all are disabled.
        case nobody
    }

    func advance() async -> Look {
        do {
            let now = clock.now()
            let behind = try await database.read { session -> [String]? in
                let active = try session.query(
                    "SELECT endpoint_id, position, \(Self.isDue) AS is_due FROM webhook_endpoints WHERE state = 'active'",
                    [.integer(now)])
                guard !active.isEmpty else { return nil }
                let last = try EventLog.last(session)
                return try active.filter { try $0.bool("is_due") && $0.integer("position") < last }.map {
                    try $0.text("endpoint_id")
                }
            }
            guard let behind else { return .nobody }
            var hasMore = false
            for id in behind {
                let (hasJobs, isFull) = try await dispatch(id, at: now)
                if hasJobs { wake() }
                if isFull { hasMore = true }
            }
            return hasMore ? .hasMore : .done
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("endpoints wait", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return .done
        }
    }

    private static let isDue = "(retry_at IS NULL OR retry_at <= $1)"

    private func dispatch(_ id: String, at now: Milliseconds) async throws -> (hasJobs: Bool, isFull: Bool) {
        try await database.transaction { session in
            let held = try session.query(
                """
                SELECT * FROM webhook_endpoints WHERE endpoint_id = $2 AND state = 'active' AND \(Self.isDue)
                {for no key update skip locked}
                """, [.integer(now), .text(id)])
            guard let endpoint = try held.first.map(Endpoint.init) else { return (false, false) }
            let last = try EventLog.last(session)
            let rows = try session.query(
                "SELECT position, type, account_id, room_name FROM events WHERE position > $1 ORDER BY position LIMIT $2",
                [.integer(endpoint.position), .integer(Self.page)])
            let isFull = rows.count == Int(Self.page)
            // The last ones may have been erased.
            let end = max(try rows.last?.integer("position") ?? 0, isFull ? 0 : last)
            if isFull, try DeliveryJob.count(of: id, atMost: heap, session) == heap { return (false, false) }
            let jobs = try rows.compactMap { row -> Job? in
                let account = AccountID(rawValue: try row.text("account_id"))
                guard endpoint.wants(type: try row.text("type"), account: account) else { return nil }
                return DeliveryJob.job(
                    endpoint: id, position: try row.integer("position"), room: try row.textOrNil("room_name"),
                    account: account, at: now)
            }
            // An event that is told again may still wait to be told at all.
            try JobQueue.insert(jobs, unless: .placeTaken, session)
            _ = try session.execute(
                "UPDATE webhook_endpoints SET position = $2 WHERE endpoint_id = $1", [.text(id), .integer(end)])
            return (!jobs.isEmpty, isFull)
        }
    }
}
