import JSON
import SQL
import ServiceLifecycle
import Synchronization
import Testing

@testable import Gateway

/// One gateway's jobs wake another.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Engines.url != nil)) struct JobNotifyTests {
    private struct Work: JobHandler {
        let done: @Sendable (Job) -> Void
        func run(_ job: Job) async throws -> JobVerdict? {
            done(job)
            return .done
        }
    }

    /// Runs a runner of another gateway, which hears of nothing but by the database.
    private func serving(
        _ harness: Harness, poll: Duration, _ body: @Sendable (_ ran: Signal) async throws -> Void
    ) async throws {
        let ran = Signal()
        let clock = harness.clock
        let other = try await Database.open(harness.settings.database, logger: Engines.logger)
        let runner = JobRunner(
            queue: JobQueue(database: other, clock: Clock { clock.now }),
            handlers: [.settle: Work { _ in ran.raise() }], signal: Signal(), logger: Engines.logger,
            counters: JobMetrics(metrics: Metrics()), poll: poll)
        let group = ServiceGroup(services: [runner], logger: Engines.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body(ran))
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
        await other.close()
    }

    private func add(_ harness: Harness, _ lane: String) async throws {
        let now = harness.clock.now
        let job = Job(
            kind: .settle, account: .default, lane: lane, position: 0, payload: [:], runAt: now, createdAt: now)
        try await harness.database.transaction { session in try JobQueue.insert([job], session) }
    }

    /// The connections that listen for jobs; tests beside this one have theirs.
    private func listeners(_ harness: Harness) async throws -> [SQLValue] {
        try await harness.database.read { session in
            try session.query(
                """
                SELECT pid FROM pg_stat_activity
                WHERE query LIKE 'LISTEN vestibule_jobs%' AND backend_start > now() - interval '5 minutes'
                """
            ).map { $0["pid"] }
        }
    }

    @Test func `a job wakes another gateway within milliseconds, long before it polls`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await serving(harness, poll: .seconds(3600)) { ran in
                var best = Duration.seconds(60)
                for number in 0..<20 {
                    let start = ContinuousClock.now
                    try await add(harness, "\(number)")
                    #expect(await ran.isRaised(within: .seconds(60)), "nobody woke the other gateway")
                    best = min(best, start.duration(to: .now))
                }
                #expect(best < .milliseconds(500), "\(best)")
            }
        }
    }

    @Test func `what resuming lets go runs on another gateway at once`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            _ = try await harness.gateway.jobControl.pause(try JobScope())
            try await serving(harness, poll: .seconds(3600)) { ran in
                try await add(harness, "held")
                #expect(await !ran.isRaised(within: .milliseconds(200)))
                _ = try await harness.gateway.jobControl.resume(try JobScope())
                #expect(await ran.isRaised(within: .seconds(60)))
            }
        }
    }

    @Test func `jobs are found though the listening connection is cut again and again`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await serving(harness, poll: .milliseconds(200)) { ran in
                for number in 0..<10 {
                    for pid in try await listeners(harness) {
                        _ = try await harness.database.read {
                            try $0.query("SELECT pg_terminate_backend($1)", [pid]).count
                        }
                    }
                    try await add(harness, "\(number)")
                    #expect(await ran.isRaised(within: .seconds(60)), "job \(number) is lost")
                }
            }
        }
    }
}
