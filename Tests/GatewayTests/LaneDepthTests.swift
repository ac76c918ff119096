import Foundation
import JSON
import SQL
import Testing

@testable import Gateway

/// What waits must not slow down what can run.
@Suite(.timeLimit(.minutes(5))) struct LaneDepthTests {
    private func add(
        _ count: Int, _ harness: Harness, kind: Job.Kind = .settle, account: String = "default",
        lane: (Int) -> String
    ) async throws {
        let now = harness.clock.now
        let jobs = (0..<count).map { number in
            Job(
                kind: kind, account: AccountID(rawValue: account), lane: lane(number), position: Int64(number),
                payload: [:], runAt: now, createdAt: now)
        }
        try await harness.database.transaction { session in try JobQueue.insert(jobs, session) }
    }

    private func run(
        _ engine: SQLEngine, _ body: @Sendable (Harness, JobQueue) async throws -> Void
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let clock = harness.clock
            try await body(harness, JobQueue(database: harness.database, clock: Clock { clock.now }))
        }
    }

    @Test(arguments: Engines.all)
    func `what stands behind another in its lane is looked at once`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness, queue in
            try await add(3000, harness) { _ in "deep" }
            try await add(5, harness) { "free\($0)" }
            #expect(try await queue.claim().count == 6)
            #expect(try await queue.claim().isEmpty)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE behind") == 2999)
            #expect(try await queue.look().due.isEmpty, "a look sees nothing of them any more")
        }
    }

    @Test(arguments: Engines.all)
    func `each end lets the next one forward, in order`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness, queue in
            try await add(40, harness) { _ in "deep" }
            for position in 0..<40 {
                let claimed = try await queue.claim()
                #expect(claimed.map(\.position) == [Int64(position)])
                #expect(try await queue.claim().isEmpty)
                let end: JobVerdict = position % 2 == 0 ? .done : .giveUp(reason: "no use")
                try await queue.finish(#require(claimed.first), end)
            }
            #expect(try await queue.depths() == ["dead": 20])
        }
    }

    @Test(arguments: Engines.all)
    func `ends and claims at the same time leave nobody behind`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness, queue in
            try await add(200, harness) { "lane\($0 % 4)" }
            let done = try await withThrowingTaskGroup(of: [Job].self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var mine: [Job] = []
                        // A lane's next job shows as soon as the one before it is over: nothing else moves here.
                        while try await !queue.depths().isEmpty {
                            for job in try await queue.claim(2) {
                                mine.append(job)
                                try await queue.finish(job, .done)
                            }
                        }
                        return mine
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(done.count == 200)
        }
    }

    @Test(arguments: Engines.all)
    func `a row removed by hand strands its lane only until the next sweep`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness, queue in
            try await add(3, harness) { _ in "lane" }
            _ = try await queue.claim()
            #expect(try await queue.claim().isEmpty)
            try await harness.database.transaction { session in
                _ = try session.execute("DELETE FROM jobs WHERE state = 'running'")
            }
            #expect(try await queue.claim().isEmpty)
            try await queue.letStragglersForward()
            #expect(try await queue.claim().map(\.position) == [1])
        }
    }

    @Test(arguments: Engines.all)
    func `a paused account with many jobs costs a look no more than one with few`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness, queue in
            try await harness.gateway.accounts.pause(.default, MessageFailure(reason: "token"))
            func time() async throws -> Duration {
                var best = Duration.seconds(60)
                for _ in 0..<20 {
                    let start = ContinuousClock.now
                    #expect(try await queue.look().due.isEmpty)
                    best = min(best, start.duration(to: .now))
                }
                return best
            }
            try await add(10, harness, kind: .send) { "few\($0)" }
            let few = try await time()
            try await add(20_000, harness, kind: .send) { "many\($0)" }
            let many = try await time()
            // Reading them all would take a hundred times as long and more.
            #expect(many < max(few * 20, .milliseconds(5)), "\(few) for ten, \(many) for twenty thousand")
        }
    }

    @Test(.enabled(if: Engines.url != nil))
    func `PostgreSQL finds what is due through the index`() async throws {
        try await run(.postgres) { harness, queue in
            try await add(2000, harness, kind: .send) { "lane\($0)" }
            try await add(500, harness) { _ in "deep" }
            let plan = try await harness.database.read { session in
                try session.query("EXPLAIN (ANALYZE, FORMAT TEXT) \(JobLook.query)").map { try $0.text("QUERY PLAN") }
            }
            let scans = plan.filter { $0.contains(" on jobs") }
            #expect(!scans.isEmpty)
            #expect(
                scans.allSatisfy { $0.contains("Index") && !$0.contains("Bitmap") }, "\(plan.joined(separator: "\n"))")
            let rows = scans.compactMap { try? /rows=(\d+) loops/.firstMatch(in: $0)?.1 }.compactMap { Int($0) }
            #expect(rows.allSatisfy { $0 <= 1 }, "\(plan.joined(separator: "\n"))")
        }
    }
}
