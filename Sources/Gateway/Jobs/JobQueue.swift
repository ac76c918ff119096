import SQL

/// The table of jobs: enqueued in the caller's transaction, claimed under a lease with a fence.
struct JobQueue: Sendable {
    let database: Database
    let clock: Clock
    /// How long a claim holds without renewal; a crashed holder's job is free again after it.
    static let lease: Milliseconds = 15 * .second

    static func insert(_ jobs: [Job], _ session: SQLSession) throws {
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
            FROM {rows} WHERE true
            """, rows)
    }

    /// Frees jobs whose holder vanished, then claims the oldest open job of each lane that is due.
    /// Sends of an account that is paused, or slowed by Meta's limits, stay where they are.
    /// - Parameters:
    ///   - limit: at most so many that fetch no media.
    ///   - media: at most so many that do; nil for as many again.
    func claim(_ limit: Int, media: Int? = nil) async throws -> [Job] {
        let now = clock.now()
        return try await database.transaction { session in
            _ = try session.execute(
                "UPDATE jobs SET state = 'open', run_at = $1 WHERE state = 'running' AND leased_until < $1",
                [.integer(now)])
            let rows = try session.query(
                Self.claiming,
                [
                    .integer(now), .integer(now + Self.lease), .integer(Int64(limit)),
                    .integer(Int64(media ?? limit)),
                ])
            return try rows.compactMap { try Job($0) }.sorted { ($0.runAt, $0.id) < ($1.runAt, $1.id) }
        }
    }

    private static let claiming = """
        UPDATE jobs SET state = 'running', fence = fence + 1, leased_until = $2, updated_at = $1
        WHERE job_id IN (
            SELECT job_id FROM (\(due("j.kind <> 'fetch_media'", limit: "$3"))) AS others
            UNION ALL
            SELECT job_id FROM (\(due("j.kind = 'fetch_media'", limit: "$4"))) AS media)
        RETURNING *
        """

    private static func due(_ kind: String, limit: String) -> String {
        """
        SELECT j.job_id FROM jobs j
        WHERE j.state = 'open' AND j.run_at <= $1 AND \(kind)
        AND NOT EXISTS (
            SELECT 1 FROM jobs earlier
            WHERE earlier.lane = j.lane AND earlier.state <> 'dead'
            AND (earlier.position < j.position
                OR (earlier.position = j.position AND earlier.job_id < j.job_id)))
        AND NOT EXISTS (
            SELECT 1 FROM tenant_whatsapp_config a
            WHERE a.account_id = j.account_id AND j.kind IN ('send', 'mark_read')
            AND (a.status = 'paused' OR a.paused_until > $1))
        ORDER BY j.run_at, j.job_id LIMIT \(limit) {for update skip locked}
        """
    }

    /// When the next open job is due; nil when there is none.
    func nextDue() async throws -> Milliseconds? {
        try await database.read { session in
            try session.query("SELECT MIN(run_at) AS due FROM jobs WHERE state = 'open'").first?.integerOrNil("due")
        }
    }

    /// Notes, before a request goes out, that its answer may be lost from here on.
    /// - Returns: false when another holder has the job by now: don't send then.
    func markInFlight(_ job: Job) async throws -> Bool {
        let lease = clock.now() + Self.lease
        return try await database.transaction { session in
            try session.execute(
                "UPDATE jobs SET in_flight = TRUE, leased_until = $3 WHERE job_id = $1 AND fence = $2 AND state = 'running'",
                [.text(job.id), .integer(job.fence), .integer(lease)]) == 1
        }
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

    /// Ends a claim as the verdict says. A holder that lost its lease changes nothing.
    static func finish(_ job: Job, _ verdict: JobVerdict, at now: Milliseconds, _ session: SQLSession) throws {
        let key: [SQLValue] = [.text(job.id), .integer(job.fence)]
        let held = "job_id = $1 AND fence = $2 AND state = 'running'"
        switch verdict {
        case .done: _ = try session.execute("DELETE FROM jobs WHERE \(held)", key)
        case .retry(let delay, let reason):
            _ = try session.execute(
                """
                UPDATE jobs SET state = 'open', in_flight = FALSE, attempts = attempts + 1, run_at = $3, last_error = $4,
                    updated_at = $5
                WHERE \(held)
                """, key + [.integer(now + delay.milliseconds), MessageColumns.text(reason), .integer(now)])
        case .pause(let delay, let reason):
            _ = try session.execute(
                """
                UPDATE jobs SET state = 'open', in_flight = FALSE, pauses = pauses + 1, run_at = $3, last_error = $4,
                    updated_at = $5
                WHERE \(held)
                """, key + [.integer(now + delay.milliseconds), MessageColumns.text(reason), .integer(now)])
        case .giveUp(let reason):
            _ = try session.execute(
                "UPDATE jobs SET state = 'dead', in_flight = FALSE, last_error = $3, updated_at = $4 WHERE \(held)",
                key + [MessageColumns.text(reason), .integer(now)])
        }
    }

    func finish(_ job: Job, _ verdict: JobVerdict) async throws {
        let now = clock.now()
        try await database.transaction { session in try Self.finish(job, verdict, at: now, session) }
    }

    /// Ends a claim that broke off with an error. If a request had gone out by then, the next holder is told so:
    /// what became of it is unknown.
    func setBack(_ job: Job, _ verdict: JobVerdict) async throws {
        let now = clock.now()
        try await database.transaction { session in
            let isInFlight = try session.query(
                "SELECT in_flight FROM jobs WHERE job_id = $1 AND fence = $2 AND state = 'running'",
                [.text(job.id), .integer(job.fence)]
            ).first?.bool("in_flight")
            try Self.finish(job, verdict, at: now, session)
            guard isInFlight == true else { return }
            _ = try session.execute(
                "UPDATE jobs SET in_flight = TRUE WHERE job_id = $1 AND fence = $2 AND state = 'open'",
                [.text(job.id), .integer(job.fence)])
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

    /// How many jobs stand in each state.
    func depths() async throws -> [String: Int] {
        try await database.read { session in
            let rows = try session.query("SELECT state, COUNT(*) AS jobs FROM jobs GROUP BY state")
            return Dictionary(
                uniqueKeysWithValues: try rows.map { (try $0.text("state"), Int(try $0.integer("jobs"))) })
        }
    }
}
