import SQL

/// What a runner knows from one claim to the next.
struct JobClaims {
    let queue: JobQueue
    private var turns = JobTurns()
    private var suspects: Set<JobStream> = []
    /// The database could not be reached at the last try.
    private var wasAway = false
    /// Times of claims whose answer was lost: they may have been committed.
    private var unanswered: Set<Milliseconds> = []

    init(queue: JobQueue) {
        self.queue = queue
    }

    /// Looks what is due, and claims what there are places for.
    mutating func next(_ running: RunningJobs) async throws -> (look: JobLook, claim: JobClaim) {
        if wasAway { try await recover(running) }
        do {
            let look = try await queue.look()
            let claim = try await claim(look, running.places)
            (turns, suspects) = (claim.turns, claim.exhausted)
            return (look, claim)
        } catch {
            wasAway = true
            throw error
        }
    }

    private mutating func claim(_ look: JobLook, _ places: JobPlaces) async throws -> JobClaim {
        if look.due.isEmpty, !look.hasExpired { return JobClaim(turns: turns) }
        let time = queue.clock.now()
        do {
            return try await queue.claim(look, places, turns, suspects: suspects, at: time)
        } catch let error as SQLError where error.kind == .unavailable {
            unanswered.insert(time)
            throw error
        }
    }

    /// After an outage: what is still in hand keeps its lease, though it ran out meanwhile, and what was claimed without
    /// our knowing is free again.
    private mutating func recover(_ running: RunningJobs) async throws {
        let jobs = running.jobs
        if !jobs.isEmpty { try await queue.renew(jobs) }
        while let time = unanswered.first {
            try await queue.release(claimedAt: time)
            unanswered.remove(time)
        }
        wasAway = false
    }
}
