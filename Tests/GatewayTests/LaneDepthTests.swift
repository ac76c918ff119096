import Foundation
import JSON
import SQL
import Testing

@testable import Gateway

/// What waits must not slow down what can run.
@Suite(.timeLimit(.minutes(5))) struct LaneDepthTests {
    private func add(
        _ count: Int, _ harness: Harness, lane: (Int) -> String
    ) async throws {
        let jobs = Self.jobs(count, at: harness.clock.now, lane: lane)
        try await harness.database.transaction { session in try JobQueue.insert(jobs, session) }
    }

    private static func jobs(
        _ count: Int, kind: Job.Kind = .settle, at now: Milliseconds, lane: (Int) -> String
    ) -> [Job] {
        (0..<count).map { number in
            Job(
                kind: kind, account: .default, lane: lane(number), position: Int64(number),
                payload: [:], runAt: now, createdAt: now)
        }
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

    @Test func `SQLite reads only the first of what is due`() async throws {
        try await run(.sqlite) { harness, queue in
            let plan = try await harness.database.read { session in
                try session.query("EXPLAIN QUERY PLAN \(JobLook.query)").map { try $0.text("detail") }
            }
            let steps = plan.filter { $0.contains(" jobs") || $0.contains(" j ") }
            #expect(steps.count == 4)
            #expect(steps.allSatisfy { $0.contains("INDEX jobs_") }, "\(plan.joined(separator: "\n"))")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan.joined(separator: "\n"))")
        }
    }

    @Test(.enabled(if: Engines.url != nil))
    func `PostgreSQL reads only the first of what is due, also by a plan made for a few`() async throws {
        try await run(.postgres) { harness, queue in
            let now = harness.clock.now
            let plan = try await harness.database.transaction { session in
                try JobQueue.insert(Self.jobs(10, kind: .send, at: now) { "few\($0)" }, session)
                _ = try session.execute("PREPARE look AS \(JobLook.query)")
                defer { _ = try? session.execute("DEALLOCATE look") }
                #expect(try session.query("EXECUTE look").contains { try $0.integerOrNil("due") == now })
                try JobQueue.insert(Self.jobs(2000, kind: .send, at: now) { "lane\($0)" }, session)
                try JobQueue.insert(Self.jobs(500, at: now) { _ in "deep" }, session)
                return try session.query("EXPLAIN (ANALYZE, FORMAT TEXT) EXECUTE look").map {
                    try $0.text("QUERY PLAN")
                }
            }
            let scans = plan.filter { $0.contains(" on jobs") }
            #expect(scans.count == 4)
            #expect(
                scans.allSatisfy { $0.contains("Index") && !$0.contains("Bitmap") }, "\(plan.joined(separator: "\n"))")
            let rows = scans.compactMap { try? /rows=(\d+) loops/.firstMatch(in: $0)?.1 }.compactMap { Int($0) }
            #expect(rows.allSatisfy { $0 <= 1 }, "\(plan.joined(separator: "\n"))")
        }
    }
}
