import SQL
import Testing

@testable import Gateway

/// What a runner claims after its database was away.
@Suite(.enabled(if: Engines.url != nil), .timeLimit(.minutes(10))) struct JobClaimsTests {
    @Test func `what is in hand through an outage longer than the lease stays there`() async throws {
        try await Outage.run { outage in
            let (queue, clock) = try await self.queue(outage)
            let running = RunningJobs()
            var claims = JobClaims(queue: queue)
            try await add("held", queue)
            let held = try #require(try await claims.next(running).claim.jobs.first)
            running.insert(held)

            try await outage.begin()
            await #expect(throws: SQLError.self) { _ = try await claims.next(running) }
            clock.advance(by: .milliseconds(10 * JobQueue.lease))
            try await outage.end()

            try await back { try await add("next", queue) }
            #expect(try await back { try await claims.next(running) }.claim.jobs.map(\.lane) == ["next"])
            #expect(
                try await queue.database.transaction { session in
                    try JobQueue.finish(held, .done, at: clock.now, session)
                })
            await queue.database.close()
        }
    }

    @Test func `the lease of a gateway that is gone runs out through an outage`() async throws {
        try await Outage.run { outage in
            let (queue, clock) = try await self.queue(outage)
            var claims = JobClaims(queue: queue)
            try await add("held", queue)
            #expect(try await queue.claim().map(\.lane) == ["held"])

            try await outage.begin()
            await #expect(throws: SQLError.self) { _ = try await claims.next(RunningJobs()) }
            clock.advance(by: .milliseconds(10 * JobQueue.lease))
            try await outage.end()

            #expect(try await back { try await claims.next(RunningJobs()) }.claim.isWorthAnotherLook)
            #expect(try await claims.next(RunningJobs()).claim.jobs.map(\.lane) == ["held"])
            await queue.database.close()
        }
    }

    /// The database's pool tries again a little after the outage.
    private func back<T>(_ body: () async throws -> T) async throws -> T {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            do {
                return try await body()
            } catch let error as SQLError where error.isTransient && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func queue(_ outage: Outage) async throws -> (JobQueue, TestClock) {
        try await outage.withGateway { _ in }
        var options = DatabaseOptions()
        options.connections = 2
        let database = try await Database.open(
            .postgres(url: outage.location()), options: options, logger: Engines.logger)
        let clock = TestClock()
        return (JobQueue(database: database, clock: Clock { clock.now }), clock)
    }

    private func add(_ lane: String, _ queue: JobQueue) async throws {
        let now = queue.clock.now()
        let job = Job(
            kind: .fetchMedia, account: .default, lane: lane, position: 0, payload: [:], runAt: now, createdAt: now)
        try await queue.database.transaction { session in try JobQueue.insert([job], session) }
    }
}
