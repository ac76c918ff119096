import SQL

/// What a claim came to.
struct JobClaim: Sendable {
    var jobs: [Job] = []
    var turns: JobTurns
    /// Streams that gave all they had.
    var exhausted: Set<JobStream> = []
    /// Leases were freed or lanes put behind: another look may find more.
    var isWorthAnotherLook = false
}

extension JobQueue {
    func look() async throws -> JobLook {
        let now = clock.now()
        return try await database.read { session in try JobLook(at: now, session) }
    }

    /// Claims the first job of each lane that is due, as many as there are places, by turns.
    /// - Parameters:
    ///   - suspects: streams that had given all, and yet show something due: what it is stands behind others.
    ///   - time: of the claim, for `release(claimedAt:)`; the present when nil.
    func claim(
        _ look: JobLook, _ places: JobPlaces, _ turns: JobTurns, suspects: Set<JobStream> = [],
        at time: Milliseconds? = nil
    ) async throws -> JobClaim {
        let now = time ?? clock.now()
        return try await database.transaction { session in
            var claim = JobClaim(turns: turns)
            if look.hasExpired { claim.isWorthAnotherLook = try Self.rescue(at: now, session) }
            for stream in look.due where suspects.contains(stream) {
                if try Self.putBehind(stream, at: now, session) { claim.isWorthAnotherLook = true }
            }
            var places = places
            var due = look.due
            while true {
                let shares = claim.turns.shares(due, places)
                if shares.isEmpty { break }
                for (stream, count) in shares {
                    let jobs = try Self.claim(stream, count, at: now, session)
                    claim.jobs += jobs
                    claim.turns.charge(stream, jobs.count)
                    places.take(stream.kind.pool, stream.plan, count: jobs.count)
                    if jobs.count < count { claim.exhausted.insert(stream) }
                }
                due.removeAll { claim.exhausted.contains($0) }
            }
            return claim
        }
    }

    /// Gives back what a claim at this time took, when its answer was lost: nobody is at it. Another gateway's claim in
    /// the same millisecond that has begun nothing yet may be among it, and is over then by its fence.
    func release(claimedAt time: Milliseconds) async throws {
        try await database.transaction { session in
            _ = try session.execute(
                """
                UPDATE jobs SET state = 'open', fence = fence + 1
                WHERE state = 'running' AND leased_until = $2 AND updated_at = $1 AND NOT in_flight
                """, [.integer(time), .integer(time + Self.lease)])
        }
    }

    /// Frees jobs whose holder vanished.
    private static func rescue(at now: Milliseconds, _ session: SQLSession) throws -> Bool {
        try session.execute(
            """
            UPDATE jobs SET state = 'open', run_at = $1, updated_at = $1
            WHERE state = 'running' AND leased_until < $1
            """, [.integer(now)]) > 0
    }

    private static func claim(
        _ stream: JobStream, _ count: Int, at now: Milliseconds, _ session: SQLSession
    ) throws -> [Job] {
        try session.query(
            """
            UPDATE jobs SET state = 'running', fence = fence + 1, leased_until = $2, updated_at = $1
            WHERE job_id IN (
                SELECT j.job_id FROM jobs j
                WHERE j.account_id = $3 AND j.kind = $4 AND j.state = 'open' AND NOT j.behind AND j.run_at <= $1
                AND NOT EXISTS (\(earlier))
                ORDER BY j.run_at, j.job_id LIMIT $5 {for update skip locked})
            RETURNING *
            """,
            [
                .integer(now), .integer(now + lease), .text(stream.account.rawValue), .text(stream.kind.rawValue),
                .integer(Int64(count)),
            ]
        ).compactMap { row in
            var job = try Job(row)
            job?.plan = stream.plan
            return job
        }.sorted { ($0.runAt, $0.id) < ($1.runAt, $1.id) }
    }

    /// Takes what stands behind another job of its lane out of sight, so that long lanes cost no look. The lane's first
    /// job is locked for it: whoever ends that job waits, and then lets the next one forward (`JobQueue.finish`).
    private static func putBehind(_ stream: JobStream, at now: Milliseconds, _ session: SQLSession) throws -> Bool {
        let heads = try session.query(
            """
            SELECT h.job_id, h.lane, h.position FROM jobs h
            WHERE h.state <> 'dead' AND h.job_id IN (
                SELECT (
                    SELECT f.job_id FROM jobs f WHERE f.lane = j.lane AND f.state <> 'dead'
                    ORDER BY f.position, f.job_id LIMIT 1)
                FROM jobs j
                WHERE j.account_id = $1 AND j.kind = $2 AND j.state = 'open' AND NOT j.behind AND j.run_at <= $3
                AND EXISTS (\(earlier))
                ORDER BY j.run_at, j.job_id LIMIT 500)
            {for update skip locked}
            """, [.text(stream.account.rawValue), .text(stream.kind.rawValue), .integer(now)])
        var rows = SQLRows([("job_id", .text), ("lane", .text), ("position", .bigint)])
        for head in heads { rows.append([head["job_id"], head["lane"], head["position"]]) }
        try session.batch(
            """
            UPDATE jobs SET behind = TRUE FROM {rows}
            WHERE jobs.lane = r.lane AND jobs.state = 'open' AND NOT jobs.behind
            AND (jobs.position > r.position OR (jobs.position = r.position AND jobs.job_id > r.job_id))
            """, rows)
        return !heads.isEmpty
    }

    /// Lets the lane's first job forward, now that the one before it is over.
    static func letForward(lane: String, _ session: SQLSession) throws {
        try session.execute(
            """
            UPDATE jobs SET behind = FALSE WHERE behind AND job_id = (
                SELECT f.job_id FROM jobs f WHERE f.lane = $1 AND f.state <> 'dead'
                ORDER BY f.position, f.job_id LIMIT 1)
            """, [.text(lane)])
    }

    /// Lets first jobs of lanes forward that something else than the queue left behind: rows removed by hand.
    func letStragglersForward() async throws {
        try await database.transaction { session in
            _ = try session.execute(
                "UPDATE jobs SET behind = FALSE WHERE behind AND state = 'open' AND NOT EXISTS (\(Self.earlier("jobs")))"
            )
        }
    }

    private static let earlier = earlier("j")

    private static func earlier(_ job: String) -> String {
        """
        SELECT 1 FROM jobs earlier
        WHERE earlier.lane = \(job).lane AND earlier.state <> 'dead'
        AND (earlier.position < \(job).position
            OR (earlier.position = \(job).position AND earlier.job_id < \(job).job_id))
        """
    }
}
