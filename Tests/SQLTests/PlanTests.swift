import Testing

@testable import SQL

/// What PostgreSQL makes of statements that are prepared once and kept.
@Suite struct PlanTests {
    private static let questions = ["a", "b"].map { "SELECT 1 AS n FROM t WHERE account = $1 AND \($0) = $2" }

    /// Asks so often, and gives back the plans by which it would be asked again.
    private func plans(asking times: Int, _ session: SQLSession) throws -> [String] {
        for _ in 0..<times {
            for question in Self.questions { _ = try session.query(question, [.text("x"), .text("1")]) }
        }
        let names = try session.query(
            "SELECT name FROM pg_prepared_statements WHERE statement LIKE 'SELECT 1 AS n FROM t %'")
        return try names.map { name in
            try session.query("EXPLAIN EXECUTE \(name.text("name"))('x', '1')").map { try $0.text("QUERY PLAN") }
                .joined(separator: "\n")
        }
    }

    @Test(.enabled(if: TestServer.url != nil || TestServer.isCI, TestServer.hint))
    func `plans that were made while a table was empty are made anew when it has grown`() async throws {
        try await TestServer.withDatabase(.postgres, options: TestServer.one()) { database, _ in
            // Without statistics each index is as good as the other for a table that seems to have few rows, all the fewer
            // as they are wide.
            let others = (0..<40).map { "c\($0) TEXT" }.joined(separator: ", ")
            let table = """
                CREATE TABLE t (account TEXT, a TEXT, b TEXT, \(others), UNIQUE (account, a), UNIQUE (account, b))
                WITH (autovacuum_enabled = off)
                """
            _ = try await database.migrate([Migration(number: 1, name: "t", sql: table)])
            try await database.transaction { session in
                #expect(try plans(asking: 10, session).contains { $0.contains("Filter:") }, "the premise")
                _ = try session.execute(
                    "INSERT INTO t SELECT 'x', n::text, n::text FROM generate_series(1, 20000) AS n")
            }
            // Reads and what writes take their turns.
            for n in 0..<100 {
                _ = try await database.read { try plans(asking: 2, $0) }
                try await database.transaction { try $0.execute("INSERT INTO t VALUES ('y', '\(n)', '\(n)')") }
            }
            let last = try await database.read { try plans(asking: 1, $0) }
            #expect(last.count == 2)
            for plan in last { #expect(plan.contains("Index Cond:") && !plan.contains("Filter:"), "\(plan)") }
        }
    }

    @Test(.enabled(if: TestServer.url != nil || TestServer.isCI, TestServer.hint))
    func `no plan is compiled because it has to read a table without an index`() async throws {
        try await TestServer.withDatabase(.postgres, options: TestServer.one()) { database, _ in
            _ = try await database.migrate([Migration(number: 1, name: "t", sql: "CREATE TABLE t (n BIGINT)")])
            let plan = try await database.read { session in
                try session.query("EXPLAIN ANALYZE SELECT count(*) AS count FROM t").map { try $0.text("QUERY PLAN") }
                    .joined(separator: "\n")
            }
            #expect(plan.contains("Seq Scan"), "the premise: \(plan)")
            #expect(!plan.contains("JIT"), "\(plan)")
        }
    }
}
