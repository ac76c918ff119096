import Testing

@testable import SQL

@Suite struct BatchTests {
    private static let table = """
        CREATE TABLE t (a TEXT PRIMARY KEY, b BIGINT, c BOOLEAN, d {double}, e {json}, f {bytes})
        """
    private static let columns: [(String, SQLType)] = [
        ("a", .text), ("b", .bigint), ("c", .boolean), ("d", .double), ("e", .json), ("f", .bytes),
    ]
    private static let insert = """
        INSERT INTO t (a, b, c, d, e, f) SELECT r.a, r.b, r.c, r.d, r.e, r.f FROM {rows}
        WHERE true ON CONFLICT (a) DO NOTHING RETURNING a
        """

    private func withTable(_ engine: SQLEngine, _ body: (Database) async throws -> Void) async throws {
        try await TestServer.withDatabase(engine) { database, _ in
            _ = try await database.migrate([Migration(number: 1, name: "t", sql: Self.table)])
            try await body(database)
        }
    }

    @Test(arguments: TestServer.engines)
    func `every type passes through a batch`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let text = #"{"a","b\",NULL} ü 🙂"#
            var rows = SQLRows(Self.columns)
            rows.append([
                .text(text), .integer(.max), true, .double(-1e300), #"{"k":"v\"\\"}"#, .bytes([0, 92, 34, 255]),
            ])
            rows.append(["", nil, nil, nil, nil, nil])
            rows.append(["NULL", .integer(.min), false, 7, "[]", .bytes([])])
            let batch = rows
            let keys = try await database.transaction { try $0.batch(Self.insert, batch).map { try $0.text("a") } }
            #expect(Set(keys) == [text, "", "NULL"])
            let stored = try await database.read { session in
                try session.query("SELECT * FROM t WHERE a IN ($1, $2, $3) ORDER BY b", [.text(text), "", "NULL"])
            }
            let byKey = Dictionary(uniqueKeysWithValues: try stored.map { (try $0.text("a"), $0) })
            let full = try #require(byKey[text])
            try #expect(full.integer("b") == .max)
            try #expect(full.bool("c"))
            try #expect(full.double("d") == -1e300)
            try #expect(full.text("e").replacing(" ", with: "") == #"{"k":"v\"\\"}"#)
            try #expect(full.bytes("f") == [0, 92, 34, 255])
            let empty = try #require(byKey[""])
            for (column, _) in Self.columns.dropFirst() { #expect(empty[column] == .null) }
            let plain = try #require(byKey["NULL"])
            try #expect(plain.integer("b") == .min)
            try #expect(plain.double("d") == 7)
            try #expect(plain.bytes("f") == [])
        }
    }

    @Test(arguments: TestServer.engines)
    func `only new rows come back from an insert that does nothing on conflict`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            var first = SQLRows([("a", .text)])
            for key in ["x", "y"] { first.append([.text(key)]) }
            var second = first
            second.append(["z"])
            let (one, two) = (first, second)
            let sql = "INSERT INTO t (a) SELECT r.a FROM {rows} WHERE true ON CONFLICT (a) DO NOTHING RETURNING a"
            try await #expect(database.transaction { try $0.batch(sql, one).count } == 2)
            let new = try await database.transaction { try $0.batch(sql, two).map { try $0.text("a") } }
            #expect(new == ["z"])
        }
    }

    @Test(arguments: TestServer.engines)
    func `updates and joins take a row set`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            try await database.transaction { session in
                try session.execute("INSERT INTO t (a, b) VALUES ('x', 1), ('y', 2), ('z', 3)")
            }
            var rows = SQLRows([("a", .text), ("b", .bigint)])
            rows.append(["x", 10])
            rows.append(["z", 30])
            rows.append(["missing", 0])
            let batch = rows
            let updated = try await database.transaction { session in
                try session.batch("UPDATE t SET b = r.b FROM {rows} WHERE t.a = r.a RETURNING t.a", batch)
            }
            #expect(Set(try updated.map { try $0.text("a") }) == ["x", "z"])
            let joined = try await database.read { session in
                try session.batch("SELECT t.* FROM {rows} JOIN t ON t.a = r.a", batch)
            }
            #expect(Set(try joined.map { try $0.integer("b") }) == [10, 30])
        }
    }

    @Test(arguments: TestServer.engines)
    func `a batch larger than one statement takes is complete`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            var rows = SQLRows([("a", .text), ("b", .bigint)])
            for number in 0..<5001 { rows.append([.text("key \(number)"), SQLValue(number)]) }
            let batch = rows
            let sql = "INSERT INTO t (a, b) SELECT r.a, r.b FROM {rows} RETURNING b"
            let back = try await database.transaction { try $0.batch(sql, batch).map { try $0.integer("b") } }
            #expect(Set(back) == Set(0..<5001))
            #expect(back.count == 5001)
        }
    }

    @Test(arguments: TestServer.engines)
    func `rows of megabytes are split by size`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let text = String(repeating: "x", count: 5 << 20)
            var rows = SQLRows([("a", .text), ("f", .bytes)])
            for number in 0..<4 { rows.append([.text("\(number)"), .bytes(Array(text.utf8))]) }
            let batch = rows
            let sql = "INSERT INTO t (a, f) SELECT r.a, r.f FROM {rows} RETURNING a"
            try await #expect(database.transaction { try $0.batch(sql, batch).count } == 4)
            let sizes = try await database.read { try $0.query("SELECT length(f) AS size FROM t") }
            try #expect(sizes.map { try $0.integer("size") } == Array(repeating: 5 << 20, count: 4))
        }
    }

    @Test(arguments: TestServer.engines)
    func `an empty batch does nothing`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            let empty = SQLRows([("a", .text)])
            #expect(empty.isEmpty)
            try await #expect(database.read { try $0.batch("this is not SQL {rows}", empty).isEmpty })
        }
    }

    @Test(arguments: TestServer.engines)
    func `a value of another type than its column is refused`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            var rows = SQLRows([("a", .text), ("b", .bigint)])
            rows.append(["x", "not a number"])
            let batch = rows
            let kind = try await kind {
                _ = try await database.transaction { session in
                    try session.batch("INSERT INTO t (a, b) SELECT r.a, r.b FROM {rows}", batch)
                }
            }
            #expect(kind == .invalid(sqlState: "42804"))
        }
    }

    @Test(arguments: TestServer.engines)
    func `one SQL text serves row sets of different columns`(engine: SQLEngine) async throws {
        try await withTable(engine) { database in
            var texts = SQLRows([("a", .text)])
            texts.append(["1"])
            var numbers = SQLRows([("a", .bigint)])
            numbers.append([2])
            let (one, two) = (texts, numbers)
            let sql = "SELECT r.a AS a FROM {rows}"
            let values = try await database.read { session in
                try [one, two, one].map { try session.batch(sql, $0)[0]["a"] }
            }
            #expect(values == ["1", 2, "1"])
        }
    }

    @Test func `only known tokens are replaced`() {
        let sql = "SELECT '{}' {json} {unknown} {for update skip locked} {"
        #expect(Dialect.render(sql, for: .sqlite) == "SELECT '{}' TEXT {unknown}  {")
        #expect(Dialect.render(sql, for: .postgres) == "SELECT '{}' JSONB {unknown} FOR UPDATE SKIP LOCKED {")
        let parts = "a {sqlite}\nb {json}\n{end} c {postgres}d {json}{end} e {sqlite}f"
        #expect(Dialect.render(parts, for: .sqlite) == "a \nb TEXT\n c  e {sqlite}f")
        #expect(Dialect.render(parts, for: .postgres) == "a  c d JSONB e {sqlite}f")
    }
}
