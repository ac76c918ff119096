import Synchronization
import Testing

@testable import SQL

@Suite(.timeLimit(.minutes(5))) struct ListenTests {
    private struct Regret: Error {}

    /// Counts what is heard, and lets a test wait for it.
    private final class Ear: Sendable {
        private let heard = Atomic(0)
        var count: Int { heard.load(ordering: .acquiring) }
        func hear() { heard.wrappingAdd(1, ordering: .acquiringAndReleasing) }

        /// The suite's time limit bounds it.
        func reached(_ count: Int) async throws {
            while self.count < count { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    private func listening(
        _ database: Database, _ channel: String = "bell", _ body: (Ear) async throws -> Void
    ) async throws {
        let ear = Ear()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await database.listen(to: channel) { ear.hear() } }
            try await body(ear)
            group.cancelAll()
        }
    }

    private func ring(_ database: Database, _ channel: String = "bell") async throws {
        try await database.transaction { try $0.notify(channel) }
    }

    /// The first thing heard is word of the connection; then each commit on the channel, and nothing that was rolled back.
    private func expectCommitsOnly(_ ear: Ear, _ database: Database) async throws {
        try await ear.reached(1)
        try await ring(database)
        try await ear.reached(2)
        await #expect(throws: Regret.self) {
            try await database.transaction { session in
                try session.notify("bell")
                throw Regret()
            }
        }
        try await ring(database, "other")
        try await ring(database)
        try await ear.reached(3)
        #expect(ear.count == 3)
    }

    @Test(arguments: TestServer.engines)
    func `whoever listens is told of the connection, and ends when it is cancelled`(_ engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await listening(database) { ear in if engine == .postgres { try await ear.reached(1) } }
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `another process hears what is committed, and only that`() async throws {
        try await TestServer.withDatabase(.postgres) { database, location in
            let other = try await Database.open(location, options: TestServer.one(), logger: TestServer.logger)
            try await listening(other) { ear in
                try await expectCommitsOnly(ear, database)
            }
            await other.close()
        }
    }

    @Test(arguments: TestServer.engines)
    func `a statement that writes notifies without a round trip of its own`(_ engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT NOT NULL)") }
            try await listening(database) { ear in
                if engine == .postgres { try await ear.reached(1) }
                var rows = SQLRows([("a", .bigint)])
                for number in 1...5 { rows.append([.integer(Int64(number))]) }
                let input = rows
                try await database.transaction { session in
                    _ = try session.batch("INSERT INTO t (a) SELECT r.a FROM {rows} WHERE true {notify bell}", input)
                }
                if engine == .postgres { try await ear.reached(2) }
                let stored = try await database.read { try $0.query("SELECT count(*) AS n FROM t")[0].integer("n") }
                #expect(stored == 5)
            }
        }
    }

    @Test func `in one process SQLite tells of what was committed, and only of that`() async throws {
        try await TestServer.withDatabase(.sqlite) { database, _ in
            try await listening(database) { ear in
                try await expectCommitsOnly(ear, database)
            }
        }
    }

    /// How many statements of the pool's connection tell other processes.
    private func tellers(_ database: Database) async throws -> Int64 {
        try await database.transaction { session in
            try session.query(
                "SELECT count(*) AS n FROM pg_prepared_statements WHERE statement LIKE 'SELECT pg_notify%'"
            )[0].integer("n")
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a process that listens hears its commits once, and its listener tells others of them`() async throws {
        try await TestServer.withDatabase(.postgres, options: TestServer.one()) { database, location in
            let other = try await Database.open(location, options: TestServer.one(), logger: TestServer.logger)
            try await listening(database) { own in
                try await listening(other) { ear in
                    try await own.reached(1)
                    try await ear.reached(1)
                    for number in 1...20 {
                        let before = ear.count
                        try await ring(database)
                        // Heard when the call returns.
                        #expect(own.count == 1 + number)
                        try await ear.reached(before + 1)
                    }
                    #expect(try await tellers(database) == 0)
                    try await ring(other)
                    try await own.reached(22)
                    #expect(own.count == 22)
                }
            }
            // Nobody listens in this process any more.
            try await listening(other) { ear in
                try await ear.reached(1)
                try await ring(database)
                try await ear.reached(2)
            }
            #expect(try await tellers(database) == 1)
            await other.close()
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `others hear of many commits by few notices, and of the last one at the end`() async throws {
        try await TestServer.withDatabase(.postgres) { database, location in
            let other = try await Database.open(location, options: TestServer.one(), logger: TestServer.logger)
            try await listening(other) { ear in
                try await ear.reached(1)
                var told = 0
                try await listening(database) { own in
                    try await own.reached(1)
                    let start = ContinuousClock.now
                    for _ in 1...300 { try await ring(database) }
                    let pauses = Int((ContinuousClock.now - start) / .milliseconds(10))
                    try await ear.reached(2)
                    #expect(own.count == 301)
                    #expect(ear.count <= 3 + pauses)
                    told = ear.count
                    try await ring(database)
                    try await ear.reached(told + 1)
                    try await ring(database)
                }
                // What is not told yet when the listening ends is told then.
                try await ear.reached(told + 2)
            }
            await other.close()
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a process whose listener was cut off hears its commits all the same, and others do`() async throws {
        let proxy = try TestProxy(to: TestServer.port())
        defer { proxy.close() }
        try await TestServer.withDatabase(.postgres, options: TestServer.one()) { other, location in
            let database = try await Database.open(
                TestServer.rerouted(location, through: proxy.port), options: TestServer.one(),
                logger: TestServer.logger)
            try await listening(other) { ear in
                try await listening(database) { own in
                    try await own.reached(1)
                    try await ear.reached(1)
                    let (heard, told) = (own.count, ear.count)
                    proxy.cut()
                    try await ring(database)
                    #expect(own.count > heard)
                    try await ear.reached(told + 1)
                    try await own.reached(heard + 2)
                }
            }
            await database.close()
        }
    }

    @Test(arguments: TestServer.engines)
    func `closing statements run last, once, and with the transaction they belong to`(
        _ engine: SQLEngine
    ) async throws {
        final class Closing: ClosingStatements {
            var numbers: [Int64] = []
            func write(_ session: SQLSession) throws {
                var rows = SQLRows([("a", .bigint)])
                for number in numbers { rows.append([.integer(number)]) }
                try session.send(
                    "INSERT INTO t (a) SELECT r.a + (SELECT count(*) FROM t) * 100 FROM {rows} WHERE true", rows)
            }
        }
        try await TestServer.withDatabase(engine) { database, _ in
            try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT NOT NULL)") }
            func add(_ number: Int64, fails: Bool = false) async throws {
                try await database.transaction { session in
                    session.closing(Closing.init).numbers.append(number)
                    try session.execute("INSERT INTO t (a) VALUES (0)")
                    if fails { throw Regret() }
                }
            }
            try await add(1)
            await #expect(throws: Regret.self) { try await add(2, fails: true) }
            try await add(3)
            let stored = try await database.read { session in
                try session.query("SELECT a FROM t ORDER BY a").map { try $0.integer("a") }
            }
            #expect(stored == [0, 0, 101, 303])
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `installations that share a database do not hear each other`() async throws {
        try await TestServer.withDatabase(.postgres) { database, _ in
            try await TestServer.withDatabase(.postgres) { neighbour, _ in
                try await listening(database) { ear in
                    try await ear.reached(1)
                    try await ring(neighbour)
                    try await ring(database)
                    try await ear.reached(2)
                    #expect(ear.count == 2)
                }
            }
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a listener whose connection was cut listens again`() async throws {
        let proxy = try TestProxy(to: TestServer.port())
        defer { proxy.close() }
        try await TestServer.withDatabase(.postgres, through: proxy.port) { database, _ in
            try await listening(database) { ear in
                try await ear.reached(1)
                proxy.cut()
                // The new connection counts as word of what may have been missed.
                try await ear.reached(2)
                try await ring(database)
                try await ear.reached(3)
            }
        }
    }
}
