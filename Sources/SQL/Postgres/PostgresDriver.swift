import CPostgres

/// PostgreSQL over libpq, with statements prepared once for each connection.
final class PostgresDriver: Driver {
    private final class Prepared {
        let name: String
        let rows: [SQLRows.Column]
        var decoder: PostgresDecoder?

        init(name: String, rows: [SQLRows.Column]) {
            self.name = name
            self.rows = rows
        }
    }

    /// A part of the pipeline that the server works through before it answers.
    private enum Part {
        case begin, command, commit
        case preparation
        case execution(Prepared, SQLAnswer)

        var isBegin: Bool { if case .begin = self { true } else { false } }
        var isCommit: Bool { if case .commit = self { true } else { false } }
        var changesStatements: Bool { if case .preparation = self { true } else { false } }
    }

    /// Between two statements of a transaction the client only computes. One that was cut off from the server must not
    /// hold its locks for longer than this.
    private static let idleTime: Duration = .seconds(10)
    private static let firstPlanning = 256
    private static let maxBatchRows = 2000
    private static let maxBatchBytes = 8 << 20

    private let wire: PostgresWire
    private let defaultTimeout: Duration
    private let answerTimeout: Duration
    private var timeout: Duration
    private var cache = StatementCache<Prepared>()
    private var parameters = PostgresParameters()
    private var statementCount = 0
    private var executions = 0
    private var executionsUntilPlanning = PostgresDriver.firstPlanning
    private var isInTransaction = false
    /// The server still has prepared statements that the cache has forgotten.
    private var hasStaleStatements = false
    private var sent: [Part] = []
    private(set) var mayHaveCommitted = false

    var isBroken: Bool { wire.isBroken }
    var isOverdue: Bool { wire.isOverdue }
    var deadline: ContinuousClock.Instant?

    init(wire: PostgresWire, options: DatabaseOptions) throws(SQLError) {
        self.wire = wire
        defaultTimeout = options.statementTimeout
        timeout = options.statementTimeout
        answerTimeout = options.answerTimeout
        // Outside a transaction nothing may be written, as on SQLite's reading connections.
        // Statements look rows up by their keys, and their plans are kept: a plan made while a table was small and
        // had no statistics would read it whole long after it has grown. So indexes are taken wherever there are any.
        // What that makes a plan cost says nothing, so it must not make the server compile one either.
        _ = try simple(
            """
            SET statement_timeout = \(timeout.milliseconds);
            SET idle_in_transaction_session_timeout = \(Self.idleTime.milliseconds);
            SET default_transaction_read_only = on;
            SET default_transaction_isolation = 'read committed';
            SET client_min_messages = warning;
            SET enable_seqscan = off;
            SET enable_hashjoin = off;
            SET enable_mergejoin = off;
            SET jit = off;
            SET bytea_output = 'hex';
            SET extra_float_digits = 1;
            SET standard_conforming_strings = on;
            SET TimeZone = 'UTC'
            """)
    }

    func isAlive() -> Bool { wire.isAlive() }

    func send(_ sql: String, _ values: [SQLValue], _ answer: SQLAnswer) throws(SQLError) {
        let statement = try prepare(sql, rows: [])
        parameters.removeAll()
        for (index, value) in values.enumerated() { try parameters.append(value, number: index + 1) }
        try execute(statement, answer)
    }

    func send(_ sql: String, _ rows: SQLRows, _ answer: SQLAnswer) throws(SQLError) {
        let statement = try prepare(sql, rows: rows.columns)
        var start = 0
        while start < rows.count {
            let end = chunkEnd(rows, from: start)
            parameters.removeAll()
            for index in rows.columns.indices {
                try parameters.append(column: index, of: rows, start..<end)
            }
            try execute(statement, answer)
            start = end
        }
    }

    func settle() throws(SQLError) {
        guard !sent.isEmpty else { return }
        let parts = sent
        sent = []
        let failure = try wire.settle(parts.count, until: latestAnswer) { index, result in
            guard case .execution(let statement, let answer) = parts[index] else { return }
            let decoder = statement.decoder ?? PostgresDecoder(result)
            statement.decoder = decoder
            answer.take(decoder.decode(result))
        }
        // The server takes the parts in their order, so a COMMIT behind the one that failed didn't run. One that was
        // cut off may have.
        let isCommit = failure.map { parts[$0.part].isCommit } ?? false
        if !(isCommit && wire.isBroken) { mayHaveCommitted = false }
        guard let failure else { return }
        var error = failure.error
        // A server in recovery refuses the transaction itself, under the code of a stale statement.
        if parts[failure.part].isBegin, error.kind == .invalid(sqlState: "0A000") {
            error = SQLError(.readOnly, error.message)
        }
        let isStale = error.isPassing && error.kind != .deadlock
        if isStale || parts[failure.part...].contains(where: \.changesStatements) {
            cache.removeAll()
            hasStaleStatements = true
        }
        // This server was the primary once; a new connection finds the one that is.
        if error.kind == .readOnly, isInTransaction { wire.abandon() }
        throw error
    }

    func runScript(_ sql: String) throws(SQLError) {
        try settle()
        _ = try simple(Dialect.render(sql, for: .postgres))
        if isInTransaction, wire.transactionStatus != PQTRANS_INTRANS {
            throw SQLError(.invalid(sqlState: "25P01"), "the script ended the transaction that it ran in")
        }
    }

    /// Travels with the first statement.
    func begin(timeout: Duration) throws(SQLError) {
        isInTransaction = true
        try command("BEGIN READ WRITE", .begin)
        try planAnew()
        if timeout != defaultTimeout {
            self.timeout = timeout
            try command("SET LOCAL statement_timeout = \(timeout.milliseconds)", .command)
        }
    }

    /// Travels with the statements that were sent and not waited for.
    func commit() throws(SQLError) {
        guard !sent.isEmpty || wire.transactionStatus == PQTRANS_INTRANS else {
            throw SQLError(.invalid(sqlState: "25P02"), "the transaction isn't in a state to be committed")
        }
        mayHaveCommitted = true
        try command("COMMIT", .commit)
        try settle()
        endTransaction()
    }

    func rollback() {
        do {
            // What fails there is undone anyway.
            try? settle()
            endTransaction()
            if wire.transactionStatus != PQTRANS_IDLE { _ = try simple("ROLLBACK") }
        } catch {
            // A connection in an unknown state isn't used again.
            wire.abandon()
        }
    }

    /// The wire disconnects when the driver goes.
    func close() { cache.removeAll() }

    private func endTransaction() {
        isInTransaction = false
        timeout = defaultTimeout
    }

    private func prepare(_ sql: String, rows: [SQLRows.Column]) throws(SQLError) -> Prepared {
        if let statement = cache.find(sql), statement.rows == rows { return statement }
        if hasStaleStatements {
            try command("DEALLOCATE ALL", .preparation)
            hasStaleStatements = false
        }
        statementCount += 1
        let statement = Prepared(name: "s\(statementCount)", rows: rows)
        let text = Dialect.render(sql, for: .postgres, rows: rows)
        try wire.send { PQsendPrepare($0, statement.name, text, 0, nil) }
        sent.append(.preparation)
        if let old = cache.insert(statement, for: sql) { try command("DEALLOCATE \(old.name)", .preparation) }
        return statement
    }

    private func execute(_ statement: Prepared, _ answer: SQLAnswer) throws(SQLError) {
        if !isInTransaction { try planAnew() }
        executions += 1
        try wire.send { connection in
            parameters.withPointers { count, values, lengths, formats in
                PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 0)
            }
        }
        sent.append(.execution(statement, answer))
        answer.expect()
    }

    /// The server keeps the plan of a statement, which it made by the size that the tables had then: made while they were
    /// empty, it may go through all rows of an account. So plans are made anew each time the connection has executed
    /// twice as much as before; what it does rarely can't cost much.
    private func planAnew() throws(SQLError) {
        guard executions >= executionsUntilPlanning else { return }
        executionsUntilPlanning = 2 * executions
        try command("DISCARD PLANS", .command)
    }

    private func command(_ sql: String, _ part: Part) throws(SQLError) {
        try wire.send { PQsendQueryParams($0, sql, 0, nil, nil, nil, nil, 0) }
        sent.append(part)
    }

    private func simple(_ sql: String) throws(SQLError) -> PostgresResult {
        try wire.exchange(until: latestAnswer) { PQsendQuery($0, sql) }
    }

    private var latestAnswer: ContinuousClock.Instant {
        let end = ContinuousClock.now + timeout + answerTimeout
        return deadline.map { min($0, end) } ?? end
    }

    private func chunkEnd(_ rows: SQLRows, from start: Int) -> Int {
        let width = rows.columns.count
        var size = 0
        var row = start
        while row < rows.count, row - start < Self.maxBatchRows {
            for value in rows.values[row * width..<(row + 1) * width] { size += value.wireSize }
            if row > start, size > Self.maxBatchBytes { break }
            row += 1
        }
        return row
    }
}
