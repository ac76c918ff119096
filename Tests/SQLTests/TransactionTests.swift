import Foundation
import Testing

@testable import SQL

@Suite struct TransactionTests {
    private struct Refusal: Error {}

    private static let tables = """
        CREATE TABLE t (a TEXT PRIMARY KEY, b BIGINT NOT NULL CHECK (b >= 0));
        CREATE TABLE u (a TEXT REFERENCES t (a) DEFERRABLE INITIALLY DEFERRED, c TEXT REFERENCES t (a));
        INSERT INTO t (a, b) VALUES ('x', 1)
        """

    private func withTables(
        _ engine: SQLEngine, options: DatabaseOptions = .init(), settings: String = "",
        _ body: (Database) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase(engine, options: options, settings: settings) { database, _ in
            _ = try await database.migrate([Migration(number: 1, name: "tables", sql: Self.tables)])
            try await body(database)
        }
    }

    private func count(_ database: Database) async throws -> Int64 {
        try await database.read { try $0.query("SELECT count(*) AS count FROM t")[0].integer("count") }
    }

    @Test(arguments: TestServer.engines)
    func `a closure that throws leaves nothing behind`(engine: SQLEngine) async throws {
        try await withTables(engine) { database in
            await #expect(throws: Refusal.self) {
                try await database.transaction { session in
                    try session.execute("INSERT INTO t (a, b) VALUES ('y', 1)")
                    throw Refusal()
                }
            }
            try await #expect(count(database) == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `an error that the closure swallows still rolls back`(engine: SQLEngine) async throws {
        try await withTables(engine) { database in
            let kind = try await kind {
                try await database.transaction { session in
                    try session.execute("INSERT INTO t (a, b) VALUES ('y', 1)")
                    _ = try? session.execute("INSERT INTO t (a, b) VALUES ('x', 1)")
                    #expect(throws: SQLError.self) { try session.query("SELECT 1 AS one") }
                }
            }
            guard case .unique = kind else { Issue.record("\(String(describing: kind))"); return }
            try await #expect(count(database) == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `constraints have kinds of their own, and messages hold no values`(engine: SQLEngine) async throws {
        try await withTables(engine) { database in
            func failure(_ sql: String, _ values: [SQLValue] = []) async -> SQLError? {
                await #expect(throws: SQLError.self) { try await database.transaction { try $0.execute(sql, values) } }
            }
            let unique = await failure("INSERT INTO t (a, b) VALUES ($1, 2)", ["x"])
            #expect(unique?.kind == .unique(constraint: engine == .postgres ? "t_pkey" : "t.a"))
            await #expect(failure("INSERT INTO t (a, b) VALUES ('y', $1)", [nil])?.kind == .notNull)
            await #expect(failure("INSERT INTO t (a, b) VALUES ('y', $1)", [-1])?.kind == .check)
            await #expect(failure("INSERT INTO u (c) VALUES ($1)", ["none"])?.kind == .foreignKey)
            // Found out at COMMIT.
            await #expect(failure("INSERT INTO u (a) VALUES ($1)", ["none"])?.kind == .foreignKey)
            guard case .invalid = await failure("SELEC")?.kind else { Issue.record("a wrong word passed"); return }
            if engine == .postgres {
                let value = await failure("INSERT INTO t (a, b) VALUES ('y', $1)", ["se\"cret"])
                #expect(value?.kind == .invalid(sqlState: "22P02"))
                #expect(value?.message.contains("cret") == false)
            }
            try await #expect(count(database) == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a read can't write`(engine: SQLEngine) async throws {
        try await withTables(engine) { database in
            let kind = try await kind {
                _ = try await database.read { try $0.execute("INSERT INTO t (a, b) VALUES ('y', 1)") }
            }
            #expect(kind == .readOnly)
            try await #expect(count(database) == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a statement that runs too long is ended and the connection lives on`(engine: SQLEngine) async throws {
        var options = TestServer.one()
        options.statementTimeout = .milliseconds(150)
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
        try await withTables(engine, options: options) { database in
            try await #expect(kind { _ = try await database.read { try $0.query(endless) } } == .timeout)
            try await #expect(kind { _ = try await database.transaction { try $0.query(endless) } } == .timeout)
            try await #expect(count(database) == 1)
            try await database.transaction { try $0.execute("INSERT INTO t (a, b) VALUES ('y', 1)") }
        }
    }

    @Test(arguments: TestServer.engines)
    func `statements see a changed schema`(engine: SQLEngine) async throws {
        try await withTables(engine, options: TestServer.one()) { database in
            let sql = "SELECT * FROM t"
            try await #expect(database.read { try $0.query(sql)[0].columns } == ["a", "b"])
            try await database.transaction { session in
                _ = try session.query(sql)
                try session.execute("ALTER TABLE t ADD COLUMN c TEXT")
            }
            try await #expect(database.read { try $0.query(sql)[0].columns } == ["a", "b", "c"])
            let inside = try await database.transaction { session in
                try session.query(sql)[0].columns
            }
            #expect(inside == ["a", "b", "c"])
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a deadlock is resolved by running the victim again`() async throws {
        try await withTables(.postgres, settings: "-cdeadlock_timeout=50ms") { database in
            try await database.transaction { try $0.execute("INSERT INTO t (a, b) VALUES ('y', 1)") }
            let gates = [Gate(), Gate()]
            let runs = Counter()
            try await withThrowingTaskGroup { group in
                for side in 0...1 {
                    group.addTask {
                        try await database.transaction { session in
                            runs.increment()
                            let keys: [SQLValue] = side == 0 ? ["x", "y"] : ["y", "x"]
                            try session.execute("UPDATE t SET b = b + 1 WHERE a = $1", [keys[0]])
                            gates[side].open()
                            gates[1 - side].pass()
                            try session.execute("UPDATE t SET b = b + 1 WHERE a = $1", [keys[1]])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(runs.value == 3)
            let sums = try await database.read { try $0.query("SELECT b FROM t").map { try $0.integer("b") } }
            #expect(sums == [3, 3])
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a failure that never passes is given up after five retries, wrapped or not`() async throws {
        try await withTables(.postgres) { database in
            let runs = Counter()
            let raise = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"
            for isWrapped in [false, true] {
                let kind = try await kind {
                    try await database.transaction { session in
                        runs.increment()
                        do { try session.execute(raise) } catch { throw isWrapped ? Refusal() : error as any Error }
                    }
                }
                #expect(kind == .deadlock)
            }
            #expect(runs.value == 12)
        }
    }

    @Test func `SQLite's file is for its owner alone`() async throws {
        try await TestServer.withDatabase(.sqlite) { database, location in
            guard case .sqlite(let path) = location else { return }
            try await database.transaction { try $0.execute("CREATE TABLE t (a TEXT)") }
            for suffix in ["", "-wal", "-shm"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
                #expect(attributes[.posixPermissions] as? Int == 0o600)
            }
        }
    }

    @Test func `SQLite reads while it writes`() async throws {
        try await withTables(.sqlite) { database in
            let (began, end) = (Gate(), Gate())
            async let write: Void = database.transaction { session in
                try session.execute("INSERT INTO t (a, b) VALUES ('y', 1)")
                began.open()
                end.pass()
            }
            let seen = try await database.read { session in
                began.pass()
                return try session.query("SELECT a FROM t").count
            }
            #expect(seen == 1)
            end.open()
            try await write
            try await #expect(count(database) == 2)
        }
    }

    @Test func `SQLite's lock held by another process ends in busy`() async throws {
        var options = DatabaseOptions()
        options.statementTimeout = .milliseconds(50)
        try await TestServer.withDatabase(.sqlite, options: options) { database, location in
            let other = try await Database.open(location, options: options, logger: TestServer.logger)
            let (began, end) = (Gate(), Gate())
            async let holder: Void = other.transaction { _ in
                began.open()
                end.pass()
            }
            let kind = try await kind {
                _ = try await database.read { _ in began.pass() }
                try await database.transaction { try $0.execute("CREATE TABLE t (a TEXT)") }
            }
            #expect(kind == .busy)
            end.open()
            try await holder
            await other.close()
            try await database.transaction { try $0.execute("CREATE TABLE t (a TEXT)") }
        }
    }
}
