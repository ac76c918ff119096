import JSON
import SQL
import Testing

@testable import Gateway

/// The table of jobs alone: nothing works on them but the test.
@Suite struct JobQueueTests {
    private struct Lab: Sendable {
        let harness: Harness
        let queue: JobQueue
        var clock: TestClock { harness.clock }

        @discardableResult
        func add(
            _ name: String, lane: String, at position: Int64 = 0, kind: Job.Kind = .fetchMedia,
            after delay: Milliseconds = 0
        ) async throws -> Job {
            let now = clock.now
            let job = Job(
                kind: kind, account: .default, lane: lane, position: position, payload: ["name": .string(name)],
                runAt: now + delay, createdAt: now)
            try await queue.database.transaction { session in try JobQueue.insert([job], session) }
            return job
        }

        func claim(_ limit: Int = 100) async throws -> [Job] { try await queue.claim(limit) }

        func names(_ limit: Int = 100) async throws -> [String] {
            try await claim(limit).compactMap { $0.payload["name"]?.string }
        }

        /// One column of a job's row; nil when the row is gone.
        func look(_ job: Job, _ column: String) async throws -> SQLValue? {
            try await queue.database.read { session in
                try session.query("SELECT * FROM jobs WHERE job_id = $1", [.text(job.id)]).first.map { $0[column] }
            }
        }
    }

    private func run(_ engine: SQLEngine, _ body: @Sendable (Lab) async throws -> Void) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let clock = harness.clock
            try await body(
                Lab(harness: harness, queue: JobQueue(database: harness.database, clock: Clock { clock.now })))
        }
    }

    @Test(arguments: Engines.all)
    func `each lane gives its first job, and the next when that is over`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a2", lane: "a", at: 2)
            try await lab.add("a1", lane: "a", at: 1)
            try await lab.add("b1", lane: "b", at: 7)
            let first = try await lab.claim()
            #expect(Set(first.compactMap { $0.payload["name"]?.string }) == ["a1", "b1"])
            #expect(try await lab.names() == [])
            let a1 = try #require(first.first { $0.lane == "a" })
            try await lab.queue.finish(a1, .done)
            #expect(try await lab.names() == ["a2"])
        }
    }

    @Test(arguments: Engines.all)
    func `jobs of one position run in the order in which they were made`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            for name in ["1", "2", "3"] {
                try await lab.add(name, lane: "a")
                lab.clock.advance(by: .milliseconds(1))
            }
            for name in ["1", "2", "3"] {
                let job = try #require(try await lab.claim().first)
                #expect(job.payload["name"]?.string == name)
                try await lab.queue.finish(job, .done)
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a job that waits for another try holds its lane, and only its lane`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a1", lane: "a", at: 1)
            try await lab.add("a2", lane: "a", at: 2)
            let job = try #require(try await lab.claim().first)
            try await lab.queue.finish(job, .retry(after: .seconds(4), reason: "later"))
            try await lab.add("b1", lane: "b")
            #expect(try await lab.names() == ["b1"])
            lab.clock.advance(by: .milliseconds(3999))
            #expect(try await lab.names() == [])
            lab.clock.advance(by: .milliseconds(1))
            let again = try #require(try await lab.claim().first)
            #expect(again.payload["name"]?.string == "a1")
            #expect(again.attempts == 1 && again.pauses == 0 && again.fence == job.fence + 1)
            #expect(try await lab.look(again, "last_error") == .text("later"))
        }
    }

    @Test(arguments: Engines.all) func `a pause is no attempt`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            for count in 0..<3 {
                let job = try #require(try await lab.claim().first)
                #expect(job.attempts == 0 && job.pauses == count)
                try await lab.queue.finish(job, .pause(for: .seconds(60), reason: "limit"))
                #expect(try await lab.queue.look().next == lab.clock.now + 60_000)
                lab.clock.advance(by: .seconds(60))
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a job given up is kept and holds nobody back`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a1", lane: "a", at: 1)
            try await lab.add("a2", lane: "a", at: 2)
            let job = try #require(try await lab.claim().first)
            try await lab.queue.finish(job, .giveUp(reason: "no use"))
            #expect(try await lab.look(job, "state") == .text("dead"))
            #expect(try await lab.look(job, "last_error") == .text("no use"))
            #expect(try await lab.names() == ["a2"])
            lab.clock.advance(by: .seconds(86_400))
            #expect(try await lab.names() == ["a2"], "only the lease of the other has run out")
            #expect(try await lab.queue.depths() == ["dead": 1, "running": 1])
        }
    }

    @Test(arguments: Engines.all)
    func `the job of a holder that vanished is free when its lease is over`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            let lost = try #require(try await lab.claim().first)
            lab.clock.advance(by: .milliseconds(JobQueue.lease))
            #expect(try await lab.names() == [], "the lease holds to its last millisecond")
            lab.clock.advance(by: .milliseconds(1))
            let found = try #require(try await lab.claim().first)
            #expect(found.id == lost.id && found.fence == lost.fence + 1)
            #expect(!found.wasInFlight && found.attempts == 0)
        }
    }

    @Test(arguments: Engines.all) func `a lease that is renewed holds`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            let job = try #require(try await lab.claim().first)
            for _ in 0..<5 {
                lab.clock.advance(by: .milliseconds(JobQueue.lease))
                try await lab.queue.renew([job])
                #expect(try await lab.names() == [])
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a holder that vanished with a request on its way leaves word of it`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            let job = try #require(try await lab.claim().first)
            #expect(try await lab.queue.markInFlight(job))
            lab.clock.advance(by: .seconds(16))
            let found = try #require(try await lab.claim().first)
            #expect(found.wasInFlight)
            // It still says so to the next holder, should this one vanish before it has settled the matter.
            lab.clock.advance(by: .seconds(16))
            #expect(try await lab.claim().first?.wasInFlight == true)
        }
    }

    @Test(arguments: Engines.all)
    func `a holder that lost its lease changes nothing`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            let stale = try #require(try await lab.claim().first)
            lab.clock.advance(by: .seconds(16))
            let holder = try #require(try await lab.claim().first)
            let lease = try await lab.look(holder, "leased_until")
            lab.clock.advance(by: .seconds(1))
            for verdict: JobVerdict in [
                .done, .retry(after: .zero, reason: "x"), .pause(for: .zero, reason: "x"), .giveUp(reason: "x"),
            ] {
                try await lab.queue.finish(stale, verdict)
            }
            #expect(try await !lab.queue.markInFlight(stale))
            try await lab.queue.renew([stale])
            try await lab.queue.release([stale])
            #expect(try await lab.look(holder, "state") == .text("running"))
            #expect(try await lab.look(holder, "leased_until") == lease)
            #expect(try await lab.look(holder, "fence") == .integer(holder.fence))
            #expect(try await lab.look(holder, "last_error") == .null)
            try await lab.queue.finish(holder, .done)
            #expect(try await lab.look(holder, "state") == nil)
        }
    }

    @Test(arguments: Engines.all)
    func `a claim whose answer was lost is given back by its time`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("earlier", lane: "a")
            #expect(try await lab.names() == ["earlier"])
            lab.clock.advance(by: .milliseconds(1))
            try await lab.add("sent", lane: "b")
            let sending = try #require(try await lab.claim().first)
            #expect(try await lab.queue.markInFlight(sending))
            try await lab.add("lost", lane: "c")
            let lost = try #require(try await lab.claim().first)
            try await lab.queue.release(claimedAt: lab.clock.now)
            try await lab.queue.finish(lost, .done)
            #expect(
                try await lab.names() == ["lost"], "only what nobody began is free, and its first holder is not one")
        }
    }

    @Test(arguments: Engines.all)
    func `claims given back are free at once, but for a request on its way`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.add("a", lane: "a")
            try await lab.add("b", lane: "b")
            let claimed = try await lab.claim()
            let sending = try #require(claimed.first { $0.lane == "b" })
            #expect(try await lab.queue.markInFlight(sending))
            try await lab.queue.release(claimed)
            #expect(try await lab.names() == ["a"])
        }
    }

    @Test(arguments: Engines.all)
    func `many who claim at once never get the same job, nor two of a lane`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            for lane in 0..<20 {
                for position in 0..<3 { try await lab.add("\(lane)", lane: "\(lane)", at: Int64(position)) }
            }
            for round in 1...3 {
                let claimed = try await withThrowingTaskGroup(of: [Job].self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            var mine: [Job] = []
                            // SKIP LOCKED may leave something for another look.
                            for _ in 0..<8 { mine += try await lab.claim(3) }
                            return mine
                        }
                    }
                    return try await group.reduce(into: []) { $0 += $1 }
                }
                #expect(claimed.count == 20, "round \(round)")
                #expect(Set(claimed.map(\.lane)).count == claimed.count)
                #expect(claimed.allSatisfy { $0.position == Int64(round - 1) })
                for job in claimed { try await lab.queue.finish(job, .done) }
            }
        }
    }

    @Test(arguments: Engines.all)
    func `an account that is paused keeps its sends, and its media go on`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let accounts = lab.harness.gateway.accounts
            let end = lab.clock.now + 5000
            try await lab.queue.database.transaction { session in
                try AccountDirectory.slow(.default, until: end, session)
            }
            try await lab.add("send", lane: "a", kind: .send)
            try await lab.add("read", lane: "b", kind: .markRead)
            try await lab.add("media", lane: "c")
            #expect(try await lab.names() == ["media"])
            lab.clock.advance(by: .seconds(5))
            let freed = try await lab.claim()
            #expect(Set(freed.map(\.kind)) == [.send, .markRead])
            try await lab.queue.release(freed)
            try await accounts.pause(.default, MessageFailure(reason: "token"))
            #expect(try await lab.names() == [])
        }
    }

    @Test(arguments: Engines.all)
    func `a job of a kind that this version does not know stays`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let job = try await lab.add("future", lane: "a")
            try await lab.add("now", lane: "b")
            try await lab.queue.database.transaction { session in
                _ = try session.execute("UPDATE jobs SET kind = 'teleport' WHERE job_id = $1", [.text(job.id)])
            }
            #expect(try await lab.names() == ["now"])
            lab.clock.advance(by: .seconds(16))
            _ = try await lab.claim()
            #expect(try await lab.look(job, "kind") == .text("teleport"))
            #expect(try await lab.look(job, "state") == .text("open"))
            #expect(try await lab.look(job, "fence") == .integer(0), "it was never claimed")
        }
    }
}
