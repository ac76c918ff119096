import Testing

@testable import SQL

@Suite struct MigrationTests {
    private static let first = Migration(
        number: 1, name: "first", sql: "CREATE TABLE a (x BIGINT); CREATE TABLE b (y {json})")
    private static let second = Migration(
        number: 2, name: "second", sql: "INSERT INTO a (x) VALUES (1); INSERT INTO a (x) VALUES (2)")

    private func count(_ database: Database) async throws -> Int64 {
        try await database.read { try $0.query("SELECT count(*) AS count FROM a")[0].integer("count") }
    }

    @Test(arguments: TestServer.engines)
    func `each migration runs once, in order`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            let one = try await database.migrate([Self.first])
            #expect(one == MigrationReport(from: 0, to: 1, applied: ["0001-first"]))
            let two = try await database.migrate([Self.second, Self.first])
            #expect(two == MigrationReport(from: 1, to: 2, applied: ["0002-second"]))
            let none = try await database.migrate([Self.first, Self.second])
            #expect(none == MigrationReport(from: 2, to: 2, applied: []))
            try await #expect(count(database) == 2)
        }
    }

    @Test(arguments: TestServer.engines)
    func `an edited migration is refused, a change of line endings isn't`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            _ = try await database.migrate([Migration(number: 1, name: "first", sql: "CREATE TABLE a\n(x BIGINT)")])
            _ = try await database.migrate([Migration(number: 1, name: "first", sql: "CREATE TABLE a\r\n(x BIGINT)")])
            let edited = Migration(number: 1, name: "first", sql: "CREATE TABLE a\n(x TEXT)")
            try await #expect(kind { _ = try await database.migrate([edited]) } == .migration)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a database newer than the program is refused`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            _ = try await database.migrate([Self.first, Self.second])
            try await #expect(kind { _ = try await database.migrate([Self.first]) } == .migration)
        }
    }

    @Test(arguments: TestServer.engines)
    func `numbers have no gaps`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await #expect(kind { _ = try await database.migrate([Self.second]) } == .migration)
            try await #expect(kind { _ = try await database.migrate([Self.first, Self.first]) } == .migration)
        }
    }

    @Test(arguments: TestServer.engines)
    func `a migration that fails halfway leaves nothing behind`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            let broken = Migration(
                number: 2, name: "broken", sql: "INSERT INTO a (x) VALUES (1); INSERT INTO none VALUES (1)")
            guard case .invalid = try await kind(of: { _ = try await database.migrate([Self.first, broken]) }) else {
                Issue.record("it passed")
                return
            }
            try await #expect(count(database) == 0)
            let report = try await database.migrate([Self.first, Self.second])
            #expect(report == MigrationReport(from: 1, to: 2, applied: ["0002-second"]))
        }
    }

    @Test(arguments: TestServer.engines)
    func `a migration can't end its own transaction`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            let sneaky = Migration(number: 1, name: "sneaky", sql: "CREATE TABLE a (x BIGINT); COMMIT")
            try await #expect(kind { _ = try await database.migrate([sneaky]) } == .invalid(sqlState: "25P01"))
        }
    }

    @Test(arguments: TestServer.engines)
    func `several processes may migrate at once`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, location in
            let others = [
                try await Database.open(location, logger: TestServer.logger),
                try await Database.open(location, logger: TestServer.logger),
            ]
            let reports = try await withThrowingTaskGroup(returning: [MigrationReport].self) { group in
                for each in others + [database] {
                    group.addTask { try await each.migrate([Self.first, Self.second]) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.flatMap(\.applied).sorted() == ["0001-first", "0002-second"])
            #expect(reports.allSatisfy { $0.to == 2 })
            try await #expect(count(database) == 2)
            for other in others { await other.close() }
        }
    }

    @Test(arguments: TestServer.engines)
    func `a migration may take longer than a statement`(engine: SQLEngine) async throws {
        var options = DatabaseOptions()
        options.statementTimeout = .milliseconds(100)
        try await TestServer.withDatabase(engine, options: options) { database, _ in
            let long = Migration(
                number: 1, name: "long",
                sql: """
                    CREATE TABLE a (x BIGINT);
                    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000)
                    INSERT INTO a (x) SELECT count(*) FROM n
                    """)
            try await #expect(database.migrate([long]).to == 1)
            let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) AS c FROM n"
            try await #expect(kind { _ = try await database.transaction { try $0.query(endless) } } == .timeout)
        }
    }
}
