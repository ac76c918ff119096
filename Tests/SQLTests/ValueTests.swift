import Testing

@testable import SQL

@Suite struct ValueTests {
    private static let table = """
        CREATE TABLE t (id BIGINT PRIMARY KEY, a TEXT, b BIGINT, c BOOLEAN, d {double}, e {json}, f {bytes})
        """

    private static func create(_ database: Database) async throws {
        _ = try await database.migrate([Migration(number: 1, name: "t", sql: table)])
    }

    @Test(arguments: TestServer.engines)
    func `every type comes back as it went in`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await Self.create(database)
            let text = #"a "quoted" \ back'slash, {brace} ü 🙂"# + "\n\t\u{1}"
            let bytes = [UInt8](0...255)
            let touched = try await database.transaction { session in
                try session.execute(
                    "INSERT INTO t (id, a, b, c, d, e, f) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    [1, .text(text), .integer(.min), true, 0.1, #"{"k":[1,null]}"#, .bytes(bytes)])
            }
            #expect(touched == 1)
            let rows = try await database.read { try $0.query("SELECT * FROM t WHERE id = $1", [1]) }
            let row = try #require(rows.first)
            #expect(row.columns == ["id", "a", "b", "c", "d", "e", "f"])
            try #expect(row.text("a") == text)
            try #expect(row.integer("b") == .min)
            #expect(row["c"] == .bool(true))
            try #expect(row.bool("c"))
            try #expect(row.double("d") == 0.1)
            try #expect(row.text("e").replacing(" ", with: "") == #"{"k":[1,null]}"#)
            try #expect(row.bytes("f") == bytes)
        }
    }

    @Test(arguments: TestServer.engines)
    func `nulls and empty values are told apart`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await Self.create(database)
            try await database.transaction { session in
                try session.execute("INSERT INTO t (id, a, f) VALUES ($1, $2, $3)", [1, "", .bytes([])])
                try session.execute("INSERT INTO t (id, a, b) VALUES ($1, $2, $3)", [2, nil, nil])
            }
            let rows = try await database.read { try $0.query("SELECT * FROM t ORDER BY id") }
            try #expect(rows[0].textOrNil("a") == "")
            try #expect(rows[0].bytesOrNil("f") == [])
            try #expect(rows[1].textOrNil("a") == nil)
            try #expect(rows[1].integerOrNil("b") == nil)
            try #expect(rows[1].boolOrNil("c") == nil)
            try #expect(rows[1].doubleOrNil("d") == nil)
            #expect(throws: SQLError.self) { try rows[1].text("a") }
            #expect(throws: SQLError.self) { try rows[0].integer("a") }
            #expect(throws: SQLError.self) { try rows[0].text("missing") }
        }
    }

    @Test(arguments: TestServer.engines)
    func `parameters are matched by their numbers, used twice or in any order`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            let rows = try await database.read { session in
                try session.query(
                    "SELECT CAST($2 AS TEXT) AS two, CAST($1 AS TEXT) AS one, CAST($2 AS TEXT) AS again", ["x", "y"])
            }
            try #expect(rows[0].text("one") == "x")
            try #expect(rows[0].text("two") == "y")
            try #expect(rows[0].text("again") == "y")
            for parameters in [["x"], ["x", "y", "z"]] as [[SQLValue]] {
                let kind = try await kind {
                    _ = try await database.read { session in
                        try session.query("SELECT CAST($1 AS TEXT) AS a, CAST($2 AS TEXT) AS b", parameters)
                    }
                }
                #expect(kind == .invalid(sqlState: "08P01"))
            }
        }
    }

    @Test(arguments: TestServer.engines)
    func `counts and sums are integers`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await Self.create(database)
            try await database.transaction { session in
                for id in 1...3 { try session.execute("INSERT INTO t (id, b) VALUES ($1, $1)", [SQLValue(id)]) }
            }
            let row = try await database.read { session in
                try session.query("SELECT count(*) AS count, sum(b) AS sum, avg(b) AS avg FROM t")[0]
            }
            try #expect(row.integer("count") == 3)
            try #expect(row.integer("sum") == 6)
            try #expect(row.double("avg") == 2)
        }
    }

    @Test(arguments: TestServer.engines)
    func `the character U+0000 is refused before it is sent`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            try await Self.create(database)
            var rows = SQLRows([("id", .bigint), ("a", .text)])
            rows.append([1, "b\0"])
            let batch = rows
            let single = try await kind {
                _ = try await database.transaction { session in
                    try session.execute("INSERT INTO t (id, a) VALUES ($1, $2)", [1, "a\0b"])
                }
            }
            let many = try await kind {
                _ = try await database.transaction { session in
                    try session.batch("INSERT INTO t (id, a) SELECT r.id, r.a FROM {rows}", batch)
                }
            }
            #expect(single == .invalid(sqlState: "22021"))
            #expect(many == .invalid(sqlState: "22021"))
        }
    }

    @Test(arguments: TestServer.engines)
    func `a wide result finds its columns`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            let list = (1...40).map { "\($0) AS column_\($0)" }.joined(separator: ", ")
            let row = try await database.read { try $0.query("SELECT \(list)")[0] }
            try #expect(row.integer("column_1") == 1)
            try #expect(row.integer("column_40") == 40)
        }
    }

    @Test(arguments: TestServer.engines)
    func `more statements than the cache holds all work`(engine: SQLEngine) async throws {
        try await TestServer.withDatabase(engine, options: TestServer.one()) { database, _ in
            for _ in 1...2 {
                try await database.read { session in
                    for number in 1...450 {
                        let row = try session.query("SELECT \(number) AS number")[0]
                        try #expect(row.integer("number") == Int64(number))
                    }
                }
            }
        }
    }
}
