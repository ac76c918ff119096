import Testing

@testable import SQL

/// Statements that are sent and not waited for.
@Suite struct PipelineTests {
    private static let insert = "INSERT INTO t (a) SELECT r.a FROM {rows} RETURNING a"

    private func withTable(
        _ engine: SQLEngine, through port: Int? = nil, _ body: (Database) async throws -> Void
    ) async throws {
        try await TestServer.withDatabase(engine, options: TestServer.one(), through: port) { database, _ in
            let table = "CREATE TABLE t (a BIGINT PRIMARY KEY)"
            _ = try await database.migrate([Migration(number: 1, name: "t", sql: table)])
            try await body(database)
        }
    }

    private static func rows(_ numbers: Int64...) -> SQLRows {
        var rows = SQLRows([("a", .bigint)])
        for number in numbers { rows.append([.integer(number)]) }
        return rows
    }

    private func stored(_ database: Database) async throws -> [Int64] {
        try await database.read { try $0.query("SELECT a FROM t ORDER BY a").map { try $0.integer("a") } }
    }

    @Test(arguments: TestServer.engines)
    func `statements run in the order of sending, and answers are read in any order`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let seen = try await database.transaction { session in
                let first = try session.send(Self.insert, Self.rows(1, 2))
                let count = "SELECT (SELECT count(*) FROM t) AS count FROM {rows}"
                let between = try session.send(count, Self.rows(0))
                let second = try session.send(Self.insert, Self.rows(3))
                let after = try session.send(count, Self.rows(0))
                let none = try session.send(Self.insert, SQLRows([("a", .bigint)]))
                return [
                    try after.rows()[0].integer("count"), try between.rows()[0].integer("count"),
                    Int64(try first.rows().count), try second.rows()[0].integer("a"), Int64(try none.rows().count),
                ]
            }
            #expect(seen == [3, 2, 2, 3, 0])
            try await #expect(stored(database) == [1, 2, 3])
        }
    }

    @Test(arguments: TestServer.engines)
    func `what nobody waits for is committed, or its error ends the transaction`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            try await database.transaction { _ = try $0.send(Self.insert, Self.rows(1)) }
            try await #expect(stored(database) == [1])
            let kind = try await kind {
                try await database.transaction { session in
                    try session.send(Self.insert, Self.rows(2))
                    try session.send(Self.insert, Self.rows(1))
                    try session.send(Self.insert, Self.rows(3))
                }
            }
            guard case .unique = kind else { Issue.record("\(String(describing: kind))"); return }
            try await #expect(stored(database) == [1])
            // The connection is as good as before.
            try await database.transaction { _ = try $0.send(Self.insert, Self.rows(2)) }
            try await #expect(stored(database) == [1, 2])
        }
    }

    @Test(arguments: TestServer.engines)
    func `a closure that throws leaves nothing of what it sent`(engine: SQLEngine) async throws {
        struct Refusal: Error {}
        try await withTable(engine) { database in
            await #expect(throws: Refusal.self) {
                try await database.transaction { session in
                    try session.send(Self.insert, Self.rows(1))
                    throw Refusal()
                }
            }
            try await #expect(stored(database) == [])
        }
    }

    @Test(arguments: TestServer.engines)
    func `sending outside a transaction waits`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let kind = try await kind {
                try await database.read { _ = try $0.send("SELECT r.b AS b FROM {rows}", Self.rows(1)) }
            }
            guard case .invalid = kind else { Issue.record("\(String(describing: kind))"); return }
            try await #expect(
                database.read { try $0.send("SELECT r.a AS a FROM {rows}", Self.rows(7)).rows().count } == 1)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a new statement that fails can be sent again`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let other = "INSERT INTO u (a) SELECT r.a FROM {rows}"
            for _ in 1...2 {
                let kind = try await kind {
                    try await database.transaction { session in
                        try session.send(other, Self.rows(1))
                        try session.send(Self.insert, Self.rows(1))
                    }
                }
                guard case .invalid = kind else { Issue.record("\(String(describing: kind))"); return }
            }
            try await database.transaction { session in
                try session.execute("CREATE TABLE u (a BIGINT)")
                try session.send(other, Self.rows(1))
                try session.send(Self.insert, Self.rows(1))
            }
            try await #expect(stored(database) == [1])
        }
    }

    private static let suicide = "SELECT pg_terminate_backend(pg_backend_pid()) FROM {rows}"

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a connection that the server ends before it reaches COMMIT runs the closure again`() async throws {
        try await withTable(.postgres) { database in
            let runs = Counter()
            try await database.transaction { session in
                let run = runs.increment()
                try session.send(Self.insert, Self.rows(1))
                if run == 1 { try session.send(Self.suicide, Self.rows(1)) }
                try session.send(Self.insert, Self.rows(2))
            }
            #expect(runs.value == 2)
            try await #expect(stored(database) == [1, 2])
        }
    }

    @Test(.enabled(if: TestServer.url != nil, TestServer.hint))
    func `a COMMIT that travelled with statements and got no answer is never repeated`() async throws {
        let proxy = try TestProxy(to: TestServer.port())
        defer { proxy.close() }
        try await withTable(.postgres, through: proxy.port) { database in
            // Known statements, so that one packet holds all.
            try await database.transaction { _ = try $0.send(Self.insert, Self.rows(1)) }
            let runs = Counter()
            proxy.set(.cutAfter("COMMIT"))
            let kind = try await kind {
                try await database.transaction { session in
                    runs.increment()
                    try session.send(Self.insert, Self.rows(2))
                }
            }
            proxy.set(.none)
            #expect(kind == .unavailable)
            #expect(runs.value == 1)
            try await #expect([[1], [1, 2]].contains(stored(database)))
        }
    }
}
