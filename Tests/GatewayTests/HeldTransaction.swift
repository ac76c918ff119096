import Dispatch
import SQL
import Synchronization
import Testing

@testable import Gateway

/// A transaction that is kept open on purpose, so that what runs beside it meets its locks.
struct HeldTransaction {
    let database: Database
    let first: @Sendable (SQLSession) throws -> Void

    init(_ database: Database, _ first: @escaping @Sendable (SQLSession) throws -> Void) {
        self.database = database
        self.first = first
    }

    /// Runs the transaction's statements, starts `body`, and commits when `body` waits for the transaction or has
    /// passed it by. SQLite does not tell who waits; there the commit comes a moment later, and either order is right.
    func beside<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Result<Value, any Error> {
        let isBegun = Gate()
        let letGo = DispatchSemaphore(value: 0)
        let backend = Mutex<Int64>(0)
        let isOver = Flag()
        async let held: Void = {
            try await database.transaction { session in
                try first(session)
                if session.engine == .postgres {
                    let id = try session.query("SELECT pg_backend_pid()::bigint AS id").first?.integer("id")
                    backend.withLock { $0 = id ?? 0 }
                }
                isBegun.open()
                letGo.wait()
            }
        }()
        await isBegun.pass()
        async let outcome: Result<Value, any Error> = {
            defer { isOver.raise() }
            do {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }()
        var looks = 0
        while !isOver.isRaised {
            if database.engine == .postgres {
                if try await isWaitedFor(backend.withLock { $0 }) { break }
            } else if looks > 20 {
                break
            }
            looks += 1
            try await Task.sleep(for: .milliseconds(10))
        }
        letGo.signal()
        try await held
        return await outcome
    }

    private func isWaitedFor(_ backend: Int64) async throws -> Bool {
        try await database.read { session in
            try session.query(
                "SELECT COUNT(*) AS n FROM pg_stat_activity WHERE CAST($1 AS BIGINT) = ANY(pg_blocking_pids(pid))",
                [.integer(backend)]
            ).first?.integer("n") != 0
        }
    }
}
