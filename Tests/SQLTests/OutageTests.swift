import Foundation
import Testing

@testable import SQL

/// What happens when PostgreSQL or the way to it fails.
@Suite(.enabled(if: TestServer.url != nil, TestServer.hint))
struct OutageTests {
    /// Only tells what is bounded from what hangs; how fast the machine is says nothing.
    private static let hanging: Duration = .seconds(150)

    private func withProxy(
        options: DatabaseOptions = TestServer.one(), _ body: (Database, TestProxy) async throws -> Void
    ) async throws {
        let proxy = try TestProxy(to: TestServer.port())
        defer { proxy.close() }
        try await TestServer.withDatabase(.postgres, options: options, through: proxy.port) { database, _ in
            try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT NOT NULL)") }
            try await body(database, proxy)
        }
    }

    private func count(_ database: Database) async throws -> Int64 {
        try await database.read { try $0.query("SELECT count(*) AS count FROM t")[0].integer("count") }
    }

    private func insert(_ database: Database) async throws {
        try await database.transaction { try $0.execute("INSERT INTO t (a) VALUES (1)") }
    }

    @Test func `connections that the server ended while idle are replaced unnoticed`() async throws {
        var options = DatabaseOptions()
        options.connections = 3
        try await withProxy(options: options) { database, proxy in
            for _ in 1...3 {
                proxy.cut()
                try await insert(database)
                proxy.cut()
                _ = try await count(database)
            }
            try await #expect(count(database) == 3)
        }
    }

    @Test func `connections that an administrator ends are replaced unnoticed`() async throws {
        try await withProxy { database, _ in
            try await TestServer.withDatabase(.postgres, options: TestServer.one()) { admin, _ in
                for _ in 1...20 {
                    let pid = try await database.read { try $0.query("SELECT pg_backend_pid() AS pid")[0]["pid"] }
                    try await admin.transaction { try $0.query("SELECT pg_terminate_backend($1)", [pid]).count }
                    try await insert(database)
                }
            }
            try await #expect(count(database) == 20)
        }
    }

    @Test func `a primary that became read-only is left for another connection`() async throws {
        try await withProxy { database, proxy in
            let runs = Counter()
            try await database.transaction { session in
                if runs.increment() == 1 { try session.execute("SET TRANSACTION READ ONLY") }
                try session.execute("INSERT INTO t (a) VALUES (1)")
            }
            #expect(runs.value == 2)
            #expect(proxy.accepted == 2)
            try await #expect(count(database) == 1)
        }
    }

    @Test func `a connection lost before COMMIT runs the closure again`() async throws {
        try await withProxy { database, proxy in
            let runs = Counter()
            try await database.transaction { session in
                let run = runs.increment()
                try session.execute("INSERT INTO t (a) VALUES (1)")
                if run == 1 { _ = try session.query("SELECT pg_terminate_backend(pg_backend_pid())") }
            }
            #expect(runs.value == 2)
            try await #expect(count(database) == 1)
        }
    }

    @Test func `a read that loses its connection runs again once`() async throws {
        try await withProxy { database, _ in
            let runs = Counter()
            let kind = try await kind {
                try await database.read { session in
                    runs.increment()
                    _ = try session.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(kind == .unavailable)
            #expect(runs.value == 2)
            try await #expect(count(database) == 0)
        }
    }

    @Test func `a COMMIT without an answer is reported and never repeated`() async throws {
        try await withProxy { database, proxy in
            let runs = Counter()
            proxy.set(.cutAfter("COMMIT"))
            let kind = try await kind {
                try await database.transaction { session in
                    runs.increment()
                    try session.execute("INSERT INTO t (a) VALUES (1)")
                }
            }
            proxy.set(.none)
            #expect(kind == .unavailable)
            #expect(runs.value == 1)
            // The server got it: one row, now or in a moment, and never two.
            try await #expect(count(database) <= 1)
            try await insert(database)
        }
    }

    @Test func `an error swallowed on a lost connection is not a success`() async throws {
        try await withProxy { database, _ in
            let kind = try await kind {
                try await database.transaction { session in
                    try session.execute("INSERT INTO t (a) VALUES (1)")
                    _ = try? session.query("SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            #expect(kind == .unavailable)
            try await #expect(count(database) == 0)
        }
    }

    @Test func `a server that no longer answers is given up in time`() async throws {
        var options = TestServer.one()
        options.statementTimeout = .seconds(4)
        options.answerTimeout = .milliseconds(300)
        try await withProxy(options: options) { database, proxy in
            proxy.set(.stall)
            let start = ContinuousClock.now
            try await #expect(kind { _ = try await count(database) } == .unavailable)
            let elapsed = ContinuousClock.now - start
            #expect(elapsed >= .seconds(4))
            #expect(elapsed < Self.hanging)
            proxy.set(.none)
            try await #expect(count(database) == 0)
        }
    }

    @Test func `a call with little patience gives a server that hangs up sooner`() async throws {
        try await withProxy { database, proxy in
            proxy.set(.stall)
            let start = ContinuousClock.now
            try await Database.$patience.withValue(.seconds(1)) {
                try await #expect(kind { _ = try await count(database) } == .unavailable)
                try await #expect(kind { try await insert(database) } == .unavailable)
            }
            // The statement's own bound alone is 30 s.
            #expect(ContinuousClock.now - start < .seconds(20))
            proxy.set(.none)
            // For a moment the last failure to connect is told again.
            while try await kind(of: { try await insert(database) }) != nil {}
            try await #expect(count(database) == 1)
        }
    }

    @Test func `a statement too large for the socket's buffers ends in time when nobody reads`() async throws {
        var options = TestServer.one()
        options.statementTimeout = .seconds(4)
        options.answerTimeout = .milliseconds(300)
        try await withProxy(options: options) { database, proxy in
            let text = SQLValue.text(String(repeating: "x", count: 64 << 20))
            proxy.set(.block)
            let start = ContinuousClock.now
            let kind = try await kind {
                _ = try await database.read { try $0.query("SELECT length(CAST($1 AS TEXT)) AS n", [text]) }
            }
            #expect(kind == .unavailable)
            #expect(ContinuousClock.now - start < Self.hanging)
            proxy.set(.none)
        }
    }

    @Test func `a server that accepts and never greets costs no more than the connect timeout`() async throws {
        var options = TestServer.one()
        options.connectTimeout = .seconds(2)
        let silent = try TestProxy(to: TestServer.port())
        silent.set(.stall)
        defer { silent.close() }
        let start = ContinuousClock.now
        await #expect(throws: SQLError.self) {
            _ = try await Database.open(
                .postgres(url: "postgres://nobody@127.0.0.1:\(silent.port)/none"), options: options,
                logger: TestServer.logger)
        }
        #expect(ContinuousClock.now - start < Self.hanging)
    }

    @Test func `during an outage callers fail at once, and work goes on when it ends`() async throws {
        var options = DatabaseOptions()
        options.connections = 2
        options.acquireTimeout = .seconds(60)
        let first = try TestProxy(to: TestServer.port())
        defer { first.close() }
        try await TestServer.withDatabase(.postgres, options: options, through: first.port) { database, _ in
            try await database.transaction { try $0.execute("CREATE TABLE t (a BIGINT NOT NULL)") }
            first.close()
            // Were each to wait for a connection, this would take hours.
            for _ in 1...200 { try await #expect(kind { _ = try await count(database) } == .unavailable) }
            let second = try TestProxy(to: TestServer.port(), port: first.port)
            defer { second.close() }
            var failures = 0
            while try await kind(of: { try await insert(database) }) != nil { failures += 1 }
            #expect(second.accepted == 1)
            try await #expect(count(database) == 1)
            second.close()
        }
    }

    @Test func `a password never shows in an error`() async throws {
        for url in ["postgres://user:s3cret@[::1", "postgres://user:s3cret@127.0.0.1:1/db"] {
            let error = await #expect(throws: SQLError.self) {
                _ = try await Database.open(.postgres(url: url), logger: TestServer.logger)
            }
            #expect(error?.message.contains("s3cret") == false)
        }
    }
}
