import JSON
import Logging
import SQL
import ServiceLifecycle

/// Makes jobs of events, one for each endpoint that wants one. The endpoint's position moves in the transaction that
/// writes the jobs, so each event becomes one job, whichever gateway does it and whenever it crashes.
package struct EndpointDispatch: Service {
    let database: Database
    let clock: Clock
    let logger: Logger
    /// Jobs are due.
    let wake: @Sendable () -> Void
    /// There may be something to tell.
    let signal = Signal()

    private static let page: Int64 = 200
    private static let poll: Duration = .seconds(2)

    package func run() async throws {
        let stop = Flag()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask {
                    await signal.raise(
                        onNoticesOf: EventLog.channel, in: database, otherwise: "events are found by polling only",
                        logger)
                }
                while !stop.isRaised {
                    if await !advance() { await signal.wait(atMost: Self.poll) }
                }
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            stop.raise()
            signal.raise()
        }
    }

    /// - Returns: whether there is more to do.
    func advance() async -> Bool {
        do {
            let behind = try await database.read { session in
                let last = try EventLog.last(session)
                return try session.query(
                    "SELECT endpoint_id FROM webhook_endpoints WHERE state = 'active' AND position < $1",
                    [.integer(last)]
                ).map { try $0.text("endpoint_id") }
            }
            var hasMore = false
            for id in behind { if try await dispatch(id) { hasMore = true } }
            return hasMore
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("endpoints wait", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return false
        }
    }

    private func dispatch(_ id: String) async throws -> Bool {
        let now = clock.now()
        let (hasJobs, hasMore) = try await database.transaction { session in
            let held = try session.query(
                """
                SELECT * FROM webhook_endpoints WHERE endpoint_id = $1 AND state = 'active' {for update skip locked}
                """, [.text(id)])
            guard let endpoint = try held.first.map(Endpoint.init) else { return (false, false) }
            let rows = try session.query(
                "SELECT position, type, account_id, room_name FROM events WHERE position > $1 ORDER BY position LIMIT $2",
                [.integer(endpoint.position), .integer(Self.page)])
            guard let end = try rows.last?.integer("position") else { return (false, false) }
            let jobs = try rows.compactMap { row -> Job? in
                let account = AccountID(rawValue: try row.text("account_id"))
                guard endpoint.wants(type: try row.text("type"), account: account) else { return nil }
                return DeliveryJob.job(
                    endpoint: id, position: try row.integer("position"), room: try row.textOrNil("room_name"),
                    account: account, at: now)
            }
            try JobQueue.insert(jobs, session)
            _ = try session.execute(
                "UPDATE webhook_endpoints SET position = $2 WHERE endpoint_id = $1", [.text(id), .integer(end)])
            return (!jobs.isEmpty, rows.count == Int(Self.page))
        }
        if hasJobs { wake() }
        return hasMore
    }
}
