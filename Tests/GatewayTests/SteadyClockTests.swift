import SQL
import Synchronization
import Testing

@testable import Gateway

/// Time that setting a clock doesn't move.
@Suite(.timeLimit(.minutes(2))) struct SteadyClockTests {
    private func clock(_ harness: Harness, _ offset: Milliseconds) -> Clock {
        let clock = harness.clock
        return Clock { clock.now + offset }
    }

    private func add(_ queue: JobQueue, _ lane: String, after delay: Milliseconds = 0) async throws -> Job {
        let now = queue.clock.now()
        let job = Job(
            kind: .settle, account: .default, lane: lane, position: 0, payload: [:], runAt: now + delay,
            createdAt: now)
        try await queue.database.transaction { session in try JobQueue.insert([job], session) }
        return job
    }

    @Test(arguments: Engines.all)
    func `the time is the database's, and goes on between two readings`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let steady = try await SteadyClock(harness.database)
            let first = steady.now
            #expect(abs(try await harness.database.time() - first) < 2000)
            try await harness.wait("the time stands still") { steady.now > first }
            #expect(abs(try await steady.follow()) < 2000)
        }
    }

    @Test(arguments: Engines.all)
    func `gateways that take their time from one source agree`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let clocks = [try await SteadyClock(harness.database), try await SteadyClock(harness.database)]
            #expect(abs(clocks[0].now - clocks[1].now) < 2000)
        }
    }

    @Test(arguments: Engines.all)
    func `after the clock was set back an hour jobs keep their waits`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let ahead = JobQueue(database: harness.database, clock: clock(harness, .hour))
            let now = JobQueue(database: harness.database, clock: clock(harness, 0))
            _ = try await add(ahead, "due")
            _ = try await add(ahead, "waits", after: 4 * .second)
            #expect(try await now.claim().isEmpty)
            try await now.mendTimes()
            #expect(try await now.claim().map(\.lane) == ["due"])
            #expect(try await now.look().next == harness.clock.now + 4 * .second)
            try await now.mendTimes()
            #expect(try await now.look().next == harness.clock.now + 4 * .second, "mending twice changes nothing")
        }
    }

    @Test(arguments: Engines.all)
    func `a lease that was written ahead holds no longer than one of now`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let ahead = JobQueue(database: harness.database, clock: clock(harness, .hour))
            let now = JobQueue(database: harness.database, clock: clock(harness, 0))
            let job = try await add(now, "a")
            _ = try await ahead.claim()
            try await now.mendTimes()
            harness.clock.advance(by: .milliseconds(JobQueue.lease + 1))
            #expect(try await now.claim().map(\.id) == [job.id])
        }
    }

    @Test func `a single gateway frees at its start what a crash left running`() async throws {
        try await Harness.run(.sqlite, isServing: false) { harness in
            let queue = JobQueue(database: harness.database, clock: clock(harness, 0))
            let job = try await add(queue, "a")
            _ = try await queue.claim()
            #expect(try await queue.claim().isEmpty)
            try await queue.mendTimes(isAlone: true)
            #expect(try await queue.claim().map(\.id) == [job.id])
        }
    }
}
