import SQL

/// The table of jobs: enqueued in the caller's transaction, claimed under a lease with a fence.
struct JobQueue: Sendable {
    let database: Database
    let clock: Clock
    /// How long a claim holds without renewal; a crashed holder's job is free again after it.
    static let lease: Milliseconds = 6 * .second
    /// Tells the gateways on one database that there are new jobs.
    static let channel = "jobs"

    /// When a job that is to be inserted is left out.
    enum Omission: Sendable {
        case never
        /// One waits in its lane already; each lane once.
        case laneWaits
        /// One has its place in its lane already.
        case placeTaken

        fileprivate var condition: String {
            let other = "SELECT 1 FROM jobs other WHERE other.lane = r.lane AND other.state <> 'dead'"
            return switch self {
            case .never: "true"
            case .laneWaits: "NOT EXISTS (\(other) AND other.state = 'open')"
            case .placeTaken: "NOT EXISTS (\(other) AND other.position = r.position)"
            }
        }
    }

    static func insert(_ jobs: [Job], unless omission: Omission = .never, _ session: SQLSession) throws {
        var rows = SQLRows([
            ("job_id", .text), ("kind", .text), ("account_id", .text), ("lane", .text), ("position", .bigint),
            ("payload", .json), ("run_at", .bigint), ("created_at", .bigint),
        ])
        for job in jobs {
            rows.append([
                .text(job.id), .text(job.kind.rawValue), .text(job.account.rawValue), .text(job.lane),
                .integer(job.position), MessageColumns.json(job.payload), .integer(job.runAt), .integer(job.createdAt),
            ])
        }
        try session.send(
            """
            INSERT INTO jobs (job_id, kind, account_id, lane, position, payload, run_at, created_at, updated_at)
            SELECT r.job_id, r.kind, r.account_id, r.lane, r.position, r.payload, r.run_at, r.created_at, r.created_at
            FROM {rows} WHERE \(omission.condition) {notify \(channel)}
            """, rows)
    }

    /// Keeps the claims of jobs that are still being worked on.
    func renew(_ jobs: [Job]) async throws {
        let lease = clock.now() + Self.lease
        var ids = SQLRows([("id", .text), ("fence", .bigint), ("lease", .bigint)])
        for job in jobs { ids.append([.text(job.id), .integer(job.fence), .integer(lease)]) }
        let rows = ids
        try await database.transaction { session in
            _ = try session.batch(
                """
                UPDATE jobs SET leased_until = r.lease FROM {rows}
                WHERE jobs.job_id = r.id AND jobs.fence = r.fence AND jobs.state = 'running'
                """, rows)
        }
    }

    /// Ends a claim as the verdict says.
    /// - Returns: false for a holder that lost its lease; it changes nothing.
    @discardableResult
    static func finish(_ job: Job, _ verdict: JobVerdict, at now: Milliseconds, _ session: SQLSession) throws -> Bool {
        let key: [SQLValue] = [.text(job.id), .integer(job.fence)]
        let held = "job_id = $1 AND fence = $2 AND state = 'running'"
        let isHeld: Bool
        switch verdict {
        case .done: isHeld = try session.execute("DELETE FROM jobs WHERE \(held)", key) == 1
        case .retry(let delay, let reason), .pause(let delay, let reason):
            let count = if case .retry = verdict { "attempts" } else { "pauses" }
            return try session.execute(
                """
                UPDATE jobs SET state = 'open', in_flight = FALSE, \(count) = \(count) + 1, run_at = $3, last_error = $4,
                    updated_at = $5
                WHERE \(held)
                """, key + [.integer(now + delay.milliseconds), MessageColumns.text(reason), .integer(now)]) == 1
        case .giveUp(let reason):
            isHeld =
                try session.execute(
                    "UPDATE jobs SET state = 'dead', in_flight = FALSE, last_error = $3, updated_at = $4 WHERE \(held)",
                    key + [MessageColumns.text(reason), .integer(now)]) == 1
        }
        if isHeld { try letForward(lane: job.lane, session) }
        return isHeld
    }

    func finish(_ job: Job, _ verdict: JobVerdict) async throws {
        let now = clock.now()
        try await database.transaction { session in try Self.finish(job, verdict, at: now, session) }
    }

    /// Ends a claim that broke off with an error. If a request had gone out by then, the next holder is told so:
    /// what became of it is unknown.
    /// - Parameter isOutage: the database was away: neither an attempt nor a failure of the job's.
    func setBack(_ job: Job, after delay: Duration, reason: String, isOutage: Bool) async throws {
        let now = clock.now()
        let count = isOutage ? "pauses" : "failures"
        try await database.transaction { session in
            _ = try session.execute(
                """
                UPDATE jobs SET state = 'open', \(count) = \(count) + 1, run_at = $3, last_error = $4, updated_at = $5
                WHERE job_id = $1 AND fence = $2 AND state = 'running'
                """,
                [
                    .text(job.id), .integer(job.fence), .integer(now + delay.milliseconds),
                    MessageColumns.text(reason), .integer(now),
                ])
        }
    }

    /// Sets a job aside that nobody can end, and lets its handler say so where the job was asked for. A request that was
    /// on its way stays noted.
    func giveUp(
        _ job: Job, reason: String, abandon: @Sendable (_ isInFlight: Bool, SQLSession) throws -> Void
    ) async throws {
        struct LostClaim: Error {}
        let now = clock.now()
        let key: [SQLValue] = [.text(job.id), .integer(job.fence)]
        do {
            try await database.transaction { session in
                let isInFlight = try session.query(
                    "SELECT in_flight FROM jobs WHERE job_id = $1 AND fence = $2 AND state = 'running'", key
                ).first?.bool("in_flight")
                guard let isInFlight else { return }
                try abandon(isInFlight, session)
                guard try Self.finish(job, .giveUp(reason: reason), at: now, session) else { throw LostClaim() }
                guard isInFlight else { return }
                _ = try session.execute("UPDATE jobs SET in_flight = TRUE WHERE job_id = $1 AND fence = $2", key)
            }
        } catch is LostClaim {
            // Another holder has it: nothing was changed.
        }
    }

    /// Gives claims back at once, for a stop: nothing of theirs was begun.
    func release(_ jobs: [Job]) async throws {
        var ids = SQLRows([("id", .text), ("fence", .bigint)])
        for job in jobs { ids.append([.text(job.id), .integer(job.fence)]) }
        let rows = ids
        try await database.transaction { session in
            _ = try session.batch(
                """
                UPDATE jobs SET state = 'open' FROM {rows}
                WHERE jobs.job_id = r.id AND jobs.fence = r.fence AND jobs.state = 'running' AND NOT jobs.in_flight
                """, rows)
        }
    }

    /// How many pauses operators have set.
    func pauseCount() async throws -> Int64 {
        try await database.read { session in
            try session.query("SELECT COUNT(*) AS pauses FROM job_pauses").first?.integer("pauses") ?? 0
        }
    }

    /// How many jobs stand in each state.
    func depths() async throws -> [String: Int] {
        try await database.read { session in
            let rows = try session.query("SELECT state, COUNT(*) AS jobs FROM jobs GROUP BY state")
            return Dictionary(
                uniqueKeysWithValues: try rows.map { (try $0.text("state"), Int(try $0.integer("jobs"))) })
        }
    }
}
