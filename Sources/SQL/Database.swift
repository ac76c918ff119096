import Foundation
import Logging

/// PostgreSQL or SQLite behind one face: closures over a session, on pooled connections with threads of their own.
/// A class, because everything that stores anything holds it: a copy of what it consists of would be in each socket.
package final class Database: Sendable {
    package let engine: SQLEngine
    /// How long one call may take in all, waiting for a connection included; bound for a task and its children where
    /// somebody waits for the answer. A call that is given up for it fails as `.unavailable` or `.busy`, and what was
    /// said of a lost COMMIT holds. nil: each statement and each wait has its own timeout of `DatabaseOptions`.
    @TaskLocal package static var patience: Duration?

    private let readers: Pool
    /// The same pool as `readers` in PostgreSQL; one connection in SQLite.
    private let writers: Pool
    private let options: DatabaseOptions
    private let logger: Logger
    /// For connections beside the pool; none on SQLite.
    let connector: PostgresConnector?
    /// Who listens in this process.
    let notices: Notices

    private init(
        _ engine: SQLEngine, readers: Pool, writers: Pool, options: DatabaseOptions, logger: Logger,
        notices: Notices, connector: PostgresConnector? = nil
    ) {
        self.engine = engine
        self.readers = readers
        self.writers = writers
        self.options = options
        self.logger = logger
        self.connector = connector
        self.notices = notices
    }

    /// Connects once, so that a wrong address or password is seen here.
    package static func open(
        _ location: DatabaseLocation, options: DatabaseOptions = .init(), logger: Logger
    ) async throws(SQLError) -> Database {
        let database: Database
        let first: [Connection]
        let notices = Notices()
        switch location {
        case .postgres(let url):
            let connector = try PostgresConnector(url: url, options: options, logger: logger)
            let connections = (1...max(1, options.connections)).map { number in
                Connection(name: "postgres-\(number)", engine: .postgres, notices: notices) { () throws(SQLError) in
                    try connector.connect()
                }
            }
            let pool = Pool(connections, acquireTimeout: options.acquireTimeout, maxWaiting: options.maxWaiting)
            database = Database(
                .postgres, readers: pool, writers: pool, options: options, logger: logger, notices: notices,
                connector: connector)
            first = connections.suffix(1)
        case .sqlite(let path):
            let file = SQLiteFile(path: path, timeout: options.statementTimeout)
            let writer = Connection(name: "sqlite-write", engine: .sqlite, notices: notices) { () throws(SQLError) in
                try file.open(readOnly: false)
            }
            let readers = (1...3).map { number in
                Connection(name: "sqlite-read-\(number)", engine: .sqlite, notices: notices) { () throws(SQLError) in
                    try file.open(readOnly: true)
                }
            }
            database = Database(
                .sqlite,
                readers: Pool(readers, acquireTimeout: options.acquireTimeout, maxWaiting: options.maxWaiting),
                writers: Pool([writer], acquireTimeout: options.acquireTimeout, maxWaiting: options.maxWaiting),
                options: options, logger: logger, notices: notices)
            first = [writer] + readers
        }
        for connection in first {
            do {
                _ = try await connection.open()
            } catch {
                await database.close()
                throw error
            }
        }
        return database
    }

    /// Closures that wait for a connection.
    package var waiting: Int { engine == .postgres ? readers.waiting : readers.waiting + writers.waiting }

    /// Runs `body` outside a transaction, each statement for itself; a statement that writes gets `.readOnly`.
    /// May run `body` twice, when the connection turns out to be lost.
    package func read<Value: Sendable>(_ body: @Sendable (SQLSession) throws -> Value) async throws -> Value {
        try await run(.read, on: readers, body)
    }

    /// Runs `body` in one transaction and rolls back when it throws. `body` may run several times (deadlocks, a
    /// connection lost before COMMIT), so it has no effect but in the database. `.unavailable` after COMMIT was
    /// sent means that the outcome is unknown; it isn't run again then.
    @discardableResult
    package func transaction<Value: Sendable>(_ body: @Sendable (SQLSession) throws -> Value) async throws -> Value {
        try await run(.write(timeout: options.statementTimeout), on: writers, body)
    }

    /// Runs what of `migrations` (numbered from 1 without gaps) hasn't been run, each in its own transaction, one
    /// process at a time.
    package func migrate(_ migrations: [Migration]) async throws -> MigrationReport {
        let migrator = try Migrator(migrations)
        var from: Int?
        var applied: [Migration] = []
        while true {
            let now = Int64(Date().timeIntervalSince1970 * 1000)
            let step = try await run(.write(timeout: options.migrationTimeout), on: writers) { session in
                try migrator.step(session, now: now)
            }
            from = from ?? step.found
            guard let migration = step.applied else {
                return MigrationReport(from: from ?? 0, to: step.found, applied: applied.map(\.title))
            }
            applied.append(migration)
            logger.info(
                "migration applied",
                metadata: ["migration.number": "\(migration.number)", "migration.name": "\(migration.name)"])
        }
    }

    /// How long one round trip takes, the wait for a connection included.
    package func ping() async throws -> Duration {
        let start = ContinuousClock.now
        _ = try await read { session in try session.query("SELECT 1 AS one") }
        return .now - start
    }

    /// Lets running closures end and disconnects; those that wait and those that come later get `.unavailable`.
    package func close() async {
        writers.refuse()
        await readers.close()
        if engine == .sqlite { await writers.close() }
    }

    private func run<Value: Sendable>(
        _ access: Connection.Access, on pool: Pool, _ body: @Sendable (SQLSession) throws -> Value
    ) async throws -> Value {
        let deadline = Self.patience.map { ContinuousClock.now + $0 }
        var retries = 0
        while true {
            let connection = try await pool.acquire(until: deadline)
            switch await connection.run(access, until: deadline, returningTo: pool, body) {
            case .done(let value): return value
            case .failed(let error), .lost(let error): throw error
            case .again(let error):
                guard retries < 5 else { throw error }
                retries += 1
                logger.debug(
                    "transaction runs again", metadata: ["error.kind": "\(error.kind)", "attempt": "\(retries + 1)"])
                try await Task.sleep(for: .milliseconds(Int64.random(in: 1...(8 << retries))))
            }
        }
    }
}
