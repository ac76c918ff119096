import JSON
import SQL
import ServiceLifecycle
import Synchronization
import Testing

@testable import Gateway

/// The runner with work that the test does itself.
@Suite(.timeLimit(.minutes(10))) struct JobRunnerTests {
    private struct Work: JobHandler {
        let body: @Sendable (Job) async throws -> JobVerdict?
        func run(_ job: Job) async throws -> JobVerdict? { try await body(job) }
    }

    private struct Unforeseen: Error {}

    /// What the work has seen, in order.
    private final class Log: Sendable {
        private let entries = Mutex<[Job]>([])
        var jobs: [Job] { entries.withLock { $0 } }
        var names: [String] { jobs.compactMap { $0.payload["name"]?.string } }
        func note(_ job: Job) { entries.withLock { $0.append(job) } }
    }

    private func run(
        _ engine: SQLEngine, _ work: @escaping @Sendable (Job, JobQueue) async throws -> JobVerdict?,
        _ body: @Sendable (Harness, JobQueue, JobRunner) async throws -> Void
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let clock = harness.clock
            let queue = JobQueue(database: harness.database, clock: Clock { clock.now })
            let runner = JobRunner(
                queue: queue, handlers: [.fetchMedia: Work { try await work($0, queue) }],
                signal: harness.gateway.jobs.signal, logger: Engines.logger,
                counters: JobMetrics(metrics: harness.metrics))
            try await body(harness, queue, runner)
        }
    }

    private func add(_ names: [(lane: String, name: String)], _ harness: Harness) async throws {
        let now = harness.clock.now
        let jobs = names.enumerated().map { index, job in
            Job(
                kind: .fetchMedia, account: .default, lane: job.lane, position: Int64(index),
                payload: ["name": .string(job.name)], runAt: now, createdAt: now)
        }
        try await harness.database.transaction { session in try JobQueue.insert(jobs, session) }
        harness.gateway.jobs.signal.raise()
    }

    /// Runs the runner until the body is over, then stops it as a `SIGTERM` does and waits for it.
    private func serving(_ runner: JobRunner, _ body: @Sendable () async throws -> Void) async throws {
        let group = ServiceGroup(services: [runner], logger: Engines.logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
    }

    @Test(arguments: Engines.all)
    func `a lane that is stuck does not hold the others`(_ engine: SQLEngine) async throws {
        let (gate, log) = (Gate(), Log())
        try await run(engine) { job, _ in
            if job.payload["name"]?.string == "stuck" { await gate.pass() }
            log.note(job)
            return .done
        } _: { harness, _, runner in
            try await serving(runner) {
                try await add([("a", "stuck"), ("a", "behind")], harness)
                await gate.reached()
                try await add((0..<100).map { ("lane\($0)", "free\($0)") }, harness)
                try await harness.wait("the free lanes wait") { log.jobs.count == 100 }
                #expect(!log.names.contains("behind"))
                gate.open()
                try await harness.wait("the stuck lane stays stuck") { log.jobs.count == 102 }
                #expect(log.names.suffix(2) == ["stuck", "behind"])
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a stop waits for what is in hand and leaves the rest open`(_ engine: SQLEngine) async throws {
        let (gate, log) = (Gate(), Log())
        try await run(engine) { job, _ in
            await gate.pass()
            log.note(job)
            return .done
        } _: { harness, queue, runner in
            let group = ServiceGroup(services: [runner], logger: Engines.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                try await add([("a", "first"), ("a", "second"), ("b", "other")], harness)
                await gate.reached(by: 2)
                await group.triggerGracefulShutdown()
                #expect(log.jobs.isEmpty)
                gate.open()
                try await tasks.waitForAll()
            }
            #expect(Set(log.names) == ["first", "other"])
            #expect(try await queue.depths() == ["open": 1])
        }
    }

    @Test(arguments: Engines.all)
    func `an error after the request went out does not hide that it did`(_ engine: SQLEngine) async throws {
        let log = Log()
        try await run(engine) { job, queue in
            log.note(job)
            if job.wasInFlight { return .done }
            _ = try await queue.markInFlight(job)
            throw Unforeseen()
        } _: { harness, queue, runner in
            try await serving(runner) {
                try await add([("a", "send")], harness)
                try await harness.pass("the job is not taken up again") { try await queue.depths().isEmpty }
            }
            #expect(log.jobs.map(\.wasInFlight) == [false, true])
        }
    }

    @Test(arguments: Engines.all)
    func `an error that nobody foresaw is tried ten times and then set aside`(_ engine: SQLEngine) async throws {
        let log = Log()
        try await run(engine) { job, _ in
            log.note(job)
            throw Unforeseen()
        } _: { harness, queue, runner in
            try await serving(runner) {
                try await add([("a", "bad")], harness)
                try await harness.pass("the job is tried for ever") { try await queue.depths() == ["dead": 1] }
            }
            #expect(log.jobs.map(\.failures) == Array(0..<10))
            #expect(log.jobs.allSatisfy { $0.attempts == 0 }, "no request was made")
        }
    }

    @Test(arguments: Engines.all)
    func `an outage is no reason to set a job aside`(_ engine: SQLEngine) async throws {
        let log = Log()
        try await run(engine) { job, _ in
            log.note(job)
            if job.pauses < 15 { throw GatewayError(.unavailable, "the database is away") }
            return .done
        } _: { harness, queue, runner in
            try await serving(runner) {
                try await add([("a", "patient")], harness)
                try await harness.pass("the job was set aside") { try await queue.depths().isEmpty }
            }
            #expect(log.jobs.count == 16)
            #expect(log.jobs.allSatisfy { $0.attempts == 0 && $0.failures == 0 })
        }
    }

    @Test(arguments: Engines.all)
    func `two runners share the work and never a job`(_ engine: SQLEngine) async throws {
        let log = Log()
        try await run(engine) { job, _ in
            log.note(job)
            return .done
        } _: { harness, queue, runner in
            let other = JobRunner(
                queue: queue, handlers: runner.handlers, signal: Signal(), logger: Engines.logger,
                counters: JobMetrics(metrics: harness.metrics))
            try await serving(runner) {
                try await serving(other) {
                    try await add((0..<60).map { ("lane\($0 % 12)", "\($0)") }, harness)
                    try await harness.wait("work is left over") { try await queue.depths().isEmpty }
                }
            }
            #expect(Set(log.names).count == 60)
            #expect(log.jobs.count == 60)
            for lane in Dictionary(grouping: log.jobs, by: \.lane).values {
                #expect(lane.map(\.position) == lane.map(\.position).sorted())
            }
        }
    }
}
