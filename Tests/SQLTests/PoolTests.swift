import Synchronization
import Testing

@testable import SQL

@Suite struct PoolTests {
    /// Runs `body` while the one writing connection is taken, and gives it free afterwards.
    private func whileTaken(
        _ engine: SQLEngine, options: DatabaseOptions = TestServer.one(), _ body: (Database) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase(engine, options: options) { database, _ in
            let (began, end) = (Gate(), Gate())
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await database.transaction { _ in
                        began.open()
                        end.pass()
                    }
                }
                defer { end.open() }
                await until { began.isOpen }
                try await body(database)
            }
            try await #expect(database.transaction { try $0.query("SELECT 1 AS one").count } == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a cancelled task stops waiting for a connection`(engine: SQLEngine) async throws {
        try await whileTaken(engine) { database in
            let waiter = Task { try await database.transaction { _ in ran() } }
            await until { database.waiting == 1 }
            waiter.cancel()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(database.waiting == 0)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a task cancelled before it waits doesn't wait`(engine: SQLEngine) async throws {
        try await whileTaken(engine) { database in
            let gate = AsyncStream.makeStream(of: Void.self)
            let waiter = Task {
                for await _ in gate.stream {}
                try await database.transaction { _ in ran() }
            }
            waiter.cancel()
            gate.continuation.finish()
            await #expect(throws: CancellationError.self) { try await waiter.value }
            #expect(database.waiting == 0)
        }
    }

    @Test(arguments: TestServer.engines)
    func `who has less patience than those who came before is told sooner`(engine: SQLEngine) async throws {
        var options = TestServer.one()
        options.acquireTimeout = .seconds(60)
        try await whileTaken(engine, options: options) { database in
            let patient = Task { try await database.transaction { try $0.query("SELECT 1 AS one").count } }
            await until { database.waiting == 1 }
            let start = ContinuousClock.now
            try await Database.$patience.withValue(.milliseconds(50)) {
                try await #expect(kind { try await database.transaction { _ in ran() } } == .busy)
            }
            #expect(ContinuousClock.now - start < .seconds(30))
            #expect(database.waiting == 1)
            patient.cancel()
            await #expect(throws: CancellationError.self) { try await patient.value }
        }
    }

    @Test(arguments: TestServer.engines)
    func `who waits too long gets busy`(engine: SQLEngine) async throws {
        var options = TestServer.one()
        options.acquireTimeout = .milliseconds(50)
        try await whileTaken(engine, options: options) { database in
            for _ in 1...2 {
                try await #expect(kind { try await database.transaction { _ in ran() } } == .busy)
            }
            #expect(database.waiting == 0)
        }
    }

    @Test(arguments: TestServer.engines)
    func `one more than may wait gets busy at once`(engine: SQLEngine) async throws {
        var options = TestServer.one()
        options.maxWaiting = 1
        try await whileTaken(engine, options: options) { database in
            let waiter = Task { try await database.transaction { _ in ran() } }
            await until { database.waiting == 1 }
            try await #expect(kind { try await database.transaction { _ in ran() } } == .busy)
            waiter.cancel()
            _ = await waiter.result
        }
    }

    @Test(arguments: TestServer.engines)
    func `connections are handed out in the order of asking`(engine: SQLEngine) async throws {
        let order = Order()
        try await TestServer.withDatabase(engine, options: TestServer.one()) { database, _ in
            let (began, end) = (Gate(), Gate())
            try await withThrowingTaskGroup { group in
                group.addTask {
                    try await database.transaction { _ in
                        began.open()
                        end.pass()
                    }
                }
                await until { began.isOpen }
                for number in 1...20 {
                    group.addTask { try await database.transaction { _ in order.append(number) } }
                    await until { database.waiting == number }
                }
                end.open()
                try await group.waitForAll()
            }
        }
        #expect(order.numbers == Array(1...20))
    }

    @Test(arguments: TestServer.engines)
    func `closing lets work end, and refuses those who wait or come later`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine, options: TestServer.one()) { database, _ in
            let (began, end) = (Gate(), Gate())
            let running = Task {
                try await database.transaction { session in
                    began.open()
                    end.pass()
                    return try session.query("SELECT 1 AS one")[0].integer("one")
                }
            }
            await until { began.isOpen }
            let waiter = Task { try await database.transaction { _ in ran() } }
            await until { database.waiting == 1 }
            let isClosed = Mutex(false)
            let closing = Task {
                await database.close()
                isClosed.withLock { $0 = true }
            }
            try await #expect(kind { try await waiter.value } == .unavailable)
            #expect(!isClosed.withLock { $0 })
            end.open()
            try await #expect(running.value == 1)
            await closing.value
            try await #expect(kind { try await database.transaction { _ in } } == .unavailable)
            try await #expect(kind { _ = try await database.ping() } == .unavailable)
        }
    }

    @Test(arguments: TestServer.engines)
    func `many tasks share few connections`(engine: SQLEngine) async throws {
        var options = DatabaseOptions()
        options.connections = 4
        try await TestServer.withDatabase(engine, options: options) { database, _ in
            try await database.transaction { try $0.execute("CREATE TABLE t (n BIGINT NOT NULL)") }
            try await withThrowingTaskGroup { group in
                for number in 0..<500 {
                    group.addTask {
                        try await database.transaction { session in
                            try session.execute("INSERT INTO t (n) VALUES ($1)", [SQLValue(number)])
                        }
                    }
                }
                for try await touched in group { #expect(touched == 1) }
            }
            let sum = try await database.read { try $0.query("SELECT sum(n) AS sum FROM t")[0].integer("sum") }
            #expect(sum == 124_750)
            #expect(database.waiting == 0)
        }
    }
}

/// For a closure that never gets a connection.
private func ran() { Issue.record("it ran") }

private final class Order: Sendable {
    private let list = Mutex<[Int]>([])

    var numbers: [Int] { list.withLock { $0 } }

    func append(_ number: Int) { list.withLock { $0.append(number) } }
}
