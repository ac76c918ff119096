@testable import Gateway

extension JobQueue {
    /// Claims as a runner does that has so many places free, for media as many again unless told otherwise.
    func claim(_ limit: Int = 100, media: Int? = nil) async throws -> [Job] {
        var places = JobPlaces()
        for (pool, limit) in [(JobPool.others, limit), (.media, media ?? limit)] {
            places.take(pool, .standard, count: max(0, places.free(pool, .standard) - limit))
        }
        var suspects: Set<JobStream> = []
        while true {
            let claim = try await claim(look(), places, JobTurns(), suspects: suspects)
            let isLast = !claim.isWorthAnotherLook && claim.exhausted == suspects
            if isLast || !claim.jobs.isEmpty { return claim.jobs }
            suspects = claim.exhausted
        }
    }

    /// Begins a request as a sender does.
    /// - Returns: false when it may not go out.
    func markInFlight(_ job: Job) async throws -> Bool {
        let now = clock.now()
        return try await database.transaction { session in try begin(job, at: now, session) == nil }
    }
}
