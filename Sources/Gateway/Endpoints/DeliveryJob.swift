import JSON
import Logging
import SQL

/// Tells one endpoint of one event, until it takes it. The lane is the endpoint and the room, so that events of a room
/// arrive in their order, and one room's do not wait for another's. The job holds the event's position and nothing of
/// what is told.
struct DeliveryJob: JobHandler {
    /// A disabled endpoint's jobs stand where they are until it is enabled; and if then one is not to be had for a moment
    /// (`letGo`), it goes on by itself after this.
    private static let parking: Duration = .seconds(3600)
    /// Of a delivery for which its endpoint has no seat.
    private static let crowding: Duration = .seconds(5)
    /// How long one delivery has an endpoint for itself that fails; longer than any takes.
    private static let trial: Milliseconds = 20 * .second

    let database: Database
    let events: EventReader
    let post: DeliveryPost
    let replies: EndpointReplies
    let clock: Clock
    let counters: EndpointMetrics
    let logger: Logger
    let wake: @Sendable () -> Void
    private let seats = EndpointSeats()

    init(
        database: Database, events: EventReader, post: DeliveryPost, replies: EndpointReplies, clock: Clock,
        counters: EndpointMetrics, logger: Logger, wake: @escaping @Sendable () -> Void
    ) {
        self.database = database
        self.events = events
        self.post = post
        self.replies = replies
        self.clock = clock
        self.counters = counters
        self.logger = logger
        self.wake = wake
    }

    static func job(
        endpoint: String, position: Int64, room: String?, account: AccountID, at now: Milliseconds
    ) -> Job {
        Job(
            kind: .deliverEvent, account: account, lane: "\(endpoint):\(room ?? "")", position: position,
            payload: ["endpoint": .string(endpoint), "event": .integer(position)], runAt: now, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["endpoint"]?.string, let position = job.payload["event"]?.int else {
            return .giveUp(reason: "the job names no event")
        }
        let endpoint = try await database.read { session in try Endpoint.find(id, session) }
        // Events of a message that is gone, or too old to be kept, have nothing to tell any more.
        let page = try await events.read(after: position - 1, limit: 1)
        guard let endpoint, let event = page.events.first, event.position == position else { return .done }
        guard await seats.take(id) else {
            return .pause(for: Self.crowding, reason: "the endpoint is slow to answer")
        }
        defer { seats.give(id) }
        if endpoint.state == .disabled || endpoint.health.retryAt != nil {
            guard try await isAdmitted(job, to: id) else { return nil }
        }
        let outcome = await post(event.encoded, id: event.id, to: endpoint)
        counters.seconds.observe(outcome.duration)
        if outcome.isDelivered {
            let isLast = EndpointHealth.isLast(job.attempts + 1, at: clock.now(), since: job.createdAt)
            let reply = try await replies.say(outcome.reply, to: event, of: endpoint, isLast: isLast)
            if let reply { counters.count(reply) }
            try await delivered(job, event, endpoint, outcome, reply)
        } else {
            try await failed(job, event, endpoint, outcome)
        }
        return nil
    }

    /// - Returns: what came of telling it something that is no event.
    func test(_ endpoint: Endpoint) async -> DeliveryOutcome {
        let now = clock.now()
        let id = "test_\(TimeOrderedID.make(at: now))"
        let body: JSON = [
            "id": .string(id), "type": "webhook.test", "timestamp": .integer(now),
            "account": .string((endpoint.account ?? .default).rawValue), "data": [:],
        ]
        return await post(body.encoded(), id: id, to: endpoint)
    }

    /// Whether an endpoint that fails may be tried with this job now. If not, the job is set back: to when it may, or for
    /// a disabled one again and again until somebody enables it.
    private func isAdmitted(_ job: Job, to id: String) async throws -> Bool {
        let now = clock.now()
        return try await database.transaction { session in
            guard let endpoint = try Endpoint.find(id, session, lock: true) else {
                try JobQueue.finish(job, .done, at: now, session)
                return false
            }
            guard endpoint.state == .active else {
                try JobQueue.finish(
                    job, .pause(for: Self.parking, reason: "the endpoint is disabled"), at: now, session)
                return false
            }
            guard let time = endpoint.health.retryAt else { return true }
            guard time <= now else {
                let rest = Duration.milliseconds(time - now) + (job.attempts > 0 ? EndpointHealth.turn() : .zero)
                try JobQueue.finish(job, .pause(for: rest, reason: "the endpoint fails"), at: now, session)
                return false
            }
            _ = try session.execute(
                "UPDATE webhook_endpoints SET retry_at = $2 WHERE endpoint_id = $1",
                [.text(id), .integer(now + Self.trial)])
            return true
        }
    }

    private func delivered(
        _ job: Job, _ event: Event, _ endpoint: Endpoint, _ outcome: DeliveryOutcome, _ reply: EndpointReplies.Result?
    ) async throws {
        let now = clock.now()
        let (verdict, kind): (JobVerdict, EndpointDelivery.Outcome) =
            if case .later(let reason) = reply {
                (.retry(after: EndpointHealth.wait(after: job.attempts + 1), reason: reason), .retried)
            } else {
                (.done, .delivered)
            }
        let isBack = try await database.transaction { session in
            // The endpoint before its jobs, everywhere.
            let failing = try session.query(
                """
                SELECT retry_at FROM webhook_endpoints WHERE endpoint_id = $1 AND failing_since IS NOT NULL
                {for no key update}
                """, [.text(endpoint.id)]
            ).first
            guard try JobQueue.finish(job, verdict, at: now, session) else { return false }
            try EndpointDelivery.record(
                outcome, as: kind, of: event, to: endpoint.id, attempt: job.attempts + 1, reply: reply, at: now,
                session)
            guard let failing else { return false }
            _ = try session.execute(
                "UPDATE webhook_endpoints SET failing_since = NULL, retry_at = NULL WHERE endpoint_id = $1",
                [.text(endpoint.id)])
            guard try failing.integerOrNil("retry_at") != nil else { return false }
            try Self.letGo(endpoint.id, at: now, session)
            return true
        }
        counters.count(kind)
        guard isBack else { return }
        logger.info("endpoint is back", metadata: ["endpoint.id": "\(endpoint.id)"])
        wake()
    }

    private func failed(_ job: Job, _ event: Event, _ endpoint: Endpoint, _ outcome: DeliveryOutcome) async throws {
        let now = clock.now()
        let (kind, isDisabled) = try await database.transaction { session -> (EndpointDelivery.Outcome?, Bool) in
            guard let known = try Endpoint.find(endpoint.id, session, lock: true) else {
                try JobQueue.finish(job, .done, at: now, session)
                return (nil, false)
            }
            var health = known.health
            var consequence = health.fail(at: now, tries: job.attempts + 1, since: job.createdAt)
            if outcome.isGone || known.state == .disabled { consequence = .disable }
            let verdict: JobVerdict =
                switch consequence {
                case .retry(let wait):
                    .retry(
                        after: health.retryAt == nil ? wait : wait + EndpointHealth.turn(), reason: outcome.reason)
                case .giveUp: .giveUp(reason: outcome.reason)
                case .disable: .retry(after: Self.parking, reason: outcome.reason)
                }
            guard try JobQueue.finish(job, verdict, at: now, session) else { return (nil, false) }
            let kind = consequence == .giveUp ? EndpointDelivery.Outcome.failed : .retried
            try EndpointDelivery.record(
                outcome, as: kind, of: event, to: endpoint.id, attempt: job.attempts + 1, reply: nil, at: now, session)
            if health != known.health {
                _ = try session.execute(
                    "UPDATE webhook_endpoints SET failing_since = $2, retry_at = $3 WHERE endpoint_id = $1",
                    [.text(endpoint.id), SQLValue(health.failingSince), SQLValue(health.retryAt)])
            }
            guard consequence == .disable, known.state == .active else { return (kind, false) }
            try Self.disable(known, reason: outcome.reason, at: now, session)
            return (kind, true)
        }
        guard let kind else { return }
        counters.count(kind)
        guard isDisabled else { return }
        logger.warning("endpoint disabled", metadata: ["endpoint.id": "\(endpoint.id)", "cause": "\(outcome.reason)"])
    }

    private static func disable(
        _ endpoint: Endpoint, reason: String, at now: Milliseconds, _ session: SQLSession
    ) throws {
        _ = try session.execute(
            """
            UPDATE webhook_endpoints SET state = 'disabled', disabled_reason = $2, updated_at = $3
            WHERE endpoint_id = $1
            """, [.text(endpoint.id), MessageColumns.text(reason), .integer(now)])
        let data: JSON = ["endpoint": .string(endpoint.id), "reason": .string(reason)]
        EventLog.append(
            [NewEvent(.webhookDisabled, account: endpoint.account ?? .default, at: now, data: data)], session)
    }

    // MARK: The jobs of an endpoint

    /// Lets everything go on that waits for the endpoint. Call it under the lock of its row.
    /// - Parameter anew: forget how often it was tried.
    static func letGo(_ endpoint: String, anew: Bool = false, at now: Milliseconds, _ session: SQLSession) throws {
        try session.execute(
            """
            UPDATE jobs SET run_at = $2, updated_at = $2 \(anew ? ", attempts = 0, pauses = 0, created_at = $2" : "")
            WHERE job_id IN (
                SELECT job_id FROM jobs
                WHERE \(ofEndpoint) AND state = 'open' AND run_at > $2
                ORDER BY job_id {for update skip locked})
            {notify \(JobQueue.channel)}
            """, [.text("\(endpoint):%"), .integer(now)])
    }

    /// Those that are still to be done, counted up to here.
    static func count(of endpoint: String, atMost most: Int64, _ session: SQLSession) throws -> Int64 {
        try session.query(
            """
            SELECT COUNT(*) AS n FROM (
                SELECT 1 AS one FROM jobs WHERE \(ofEndpoint) AND state <> 'dead' LIMIT $2) AS waiting
            """, [.text("\(endpoint):%"), .integer(most)]
        ).first?.integer("n") ?? 0
    }

    /// - Parameter isDead: those alone that were given up.
    static func remove(of endpoint: String, isDead: Bool, _ session: SQLSession) throws {
        _ = try session.execute(
            "DELETE FROM jobs WHERE \(ofEndpoint) \(isDead ? "AND state = 'dead'" : "")", [.text("\(endpoint):%")])
    }

    private static let ofEndpoint = "kind = '\(Job.Kind.deliverEvent.rawValue)' AND lane LIKE $1"
}
