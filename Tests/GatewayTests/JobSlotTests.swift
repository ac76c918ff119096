import JSON
import SQL
import ServiceLifecycle
import Synchronization
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(2))) struct JobSlotTests {
    private struct Work: JobHandler {
        let body: @Sendable () async -> Void
        func run(_ job: Job) async throws -> JobVerdict? {
            await body()
            return .done
        }
    }

    @Test(arguments: Engines.all)
    func `any number of media that are slow to come do not hold a send up`(_ engine: SQLEngine) async throws {
        let (gate, sent) = (Gate(), Signal())
        let others = Atomic<Int>(0)
        try await Harness.run(engine, isServing: false) { harness in
            let clock = harness.clock
            let runner = JobRunner(
                queue: JobQueue(database: harness.database, clock: Clock { clock.now }),
                handlers: [
                    .fetchMedia: Work { await gate.pass() },
                    .settle: Work {
                        others.wrappingAdd(1, ordering: .relaxed)
                        sent.raise()
                    },
                ], signal: Signal(), logger: Engines.logger, counters: JobMetrics(metrics: harness.metrics))
            func add(_ kind: Job.Kind, _ count: Int) async throws {
                let jobs = (0..<count).map { number in
                    Job(
                        kind: kind, account: .default, lane: "\(kind.rawValue)\(number)", position: 0, payload: [:],
                        runAt: clock.now, createdAt: clock.now)
                }
                try await harness.database.transaction { session in try JobQueue.insert(jobs, session) }
                runner.signal.raise()
            }
            try await add(.fetchMedia, 200)
            let group = ServiceGroup(services: [runner], logger: Engines.logger)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                await gate.reached(by: 16)
                try await add(.settle, 1)
                await sent.wait(atMost: .seconds(30))
                #expect(others.load(ordering: .relaxed) == 1)
                #expect(gate.arrived == 16)
                gate.open()
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        }
    }
}
