import SQL

/// Looking at who holds a job, for a holder that was long away.
extension JobQueue {
    /// Whether this claim still stands. Nobody else can take the job until the transaction ends.
    static func isHeld(_ job: Job, _ session: SQLSession) throws -> Bool {
        try !session.query(
            "SELECT job_id FROM jobs WHERE job_id = $1 AND fence = $2 AND state = 'running' {for update}",
            [.text(job.id), .integer(job.fence)]
        ).isEmpty
    }

    /// Notes, before a request of the account's number goes out, that its answer may be lost from here on.
    /// - Returns: what keeps it from going out; nil when it may.
    func begin(_ job: Job, at now: Milliseconds, _ session: SQLSession) throws -> Obstacle? {
        let isBegun = try session.execute(
            """
            UPDATE jobs SET in_flight = TRUE, leased_until = $3
            WHERE job_id = $1 AND fence = $2 AND state = 'running' AND NOT EXISTS (
                SELECT 1 FROM tenant_whatsapp_config a
                WHERE a.account_id = jobs.account_id AND (a.status = 'paused' OR a.paused_until > $4))
            """, [.text(job.id), .integer(job.fence), .integer(now + Self.lease), .integer(now)])
        if isBegun == 1 { return nil }
        guard try Self.isHeld(job, session) else { return .taken }
        let end = try session.query(
            "SELECT paused_until FROM tenant_whatsapp_config WHERE account_id = $1", [.text(job.account.rawValue)]
        ).first?.integer("paused_until")
        return .paused(until: end ?? now)
    }

    enum Obstacle: Sendable {
        /// Another holder has the job by now.
        case taken
        /// The account was paused after the job had been claimed.
        case paused(until: Milliseconds)
    }

    /// Whether the job is there and its holder, or the next one, believes that its request may have gone out.
    static func isInFlight(_ id: String, _ session: SQLSession) throws -> Bool {
        try session.query("SELECT in_flight FROM jobs WHERE job_id = $1 AND state <> 'dead'", [.text(id)])
            .first?.bool("in_flight") ?? false
    }

    /// Queues the work of a job that is gone, at its old place in the lane.
    static func insertAgain(_ job: Job, _ verdict: JobVerdict, at now: Milliseconds, _ session: SQLSession) throws {
        let again = Job(
            kind: job.kind, account: job.account, lane: job.lane, position: job.position, payload: job.payload,
            runAt: now + verdict.delay.milliseconds, createdAt: now)
        try insert([again], session)
        _ = try session.execute(
            "UPDATE jobs SET attempts = $2, pauses = $3 WHERE job_id = $1",
            [
                .text(again.id), .integer(Int64(job.attempts + (verdict.isRetry ? 1 : 0))),
                .integer(Int64(job.pauses + (verdict.isRetry ? 0 : 1))),
            ])
    }
}

extension JobVerdict {
    fileprivate var delay: Duration {
        switch self {
        case .retry(let delay, _), .pause(let delay, _): delay
        case .done, .giveUp: .zero
        }
    }

    fileprivate var isRetry: Bool {
        if case .retry = self { true } else { false }
    }
}
