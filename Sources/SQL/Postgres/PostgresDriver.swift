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

    private static let maxBatchRows = 2000
    private static let maxBatchBytes = 8 << 20

    private let wire: PostgresWire
    private let defaultTimeout: Duration
    private let answerTimeout: Duration
    private var timeout: Duration
    private var cache = StatementCache<Prepared>()
    private var parameters = PostgresParameters()
    private var statementCount = 0
    private var isInTransaction = false
    /// The server still has prepared statements that the cache has forgotten.
    private var hasStaleStatements = false

    var isBroken: Bool { wire.isBroken }
    var isOverdue: Bool { wire.isOverdue }

    init(wire: PostgresWire, options: DatabaseOptions) throws(SQLError) {
        self.wire = wire
        defaultTimeout = options.statementTimeout
        timeout = options.statementTimeout
        answerTimeout = options.answerTimeout
        // Outside a transaction nothing may be written, as on SQLite's reading connections.
        // Statements look rows up by their keys, and their plans are kept: a plan made while a table was small and
        // had no statistics would read it whole long after it has grown. So indexes are taken wherever there are any.
        _ = try simple(
            """
            SET statement_timeout = \(timeout.milliseconds);
            SET idle_in_transaction_session_timeout = \((timeout + .seconds(30)).milliseconds);
            SET default_transaction_read_only = on;
            SET default_transaction_isolation = 'read committed';
            SET client_min_messages = warning;
            SET enable_seqscan = off;
            SET enable_hashjoin = off;
            SET enable_mergejoin = off;
            SET bytea_output = 'hex';
            SET extra_float_digits = 1;
            SET standard_conforming_strings = on;
            SET TimeZone = 'UTC'
            """)
    }

    func isAlive() -> Bool { wire.isAlive() }

    func run(_ sql: String, _ values: [SQLValue]) throws(SQLError) -> SQLResult {
        let statement = try prepare(sql, rows: [])
        parameters.removeAll()
        for (index, value) in values.enumerated() { try parameters.append(value, number: index + 1) }
        return try execute(statement, sql)
    }

    func run(_ sql: String, _ rows: SQLRows) throws(SQLError) -> [SQLRow] {
        let statement = try prepare(sql, rows: rows.columns)
        var output: [SQLRow] = []
        var start = 0
        while start < rows.count {
            let end = chunkEnd(rows, from: start)
            parameters.removeAll()
            for index in rows.columns.indices {
                try parameters.append(column: index, of: rows, start..<end)
            }
            output += try execute(statement, sql).rows
            start = end
        }
        return output
    }

    func runScript(_ sql: String) throws(SQLError) {
        _ = try simple(Dialect.render(sql, for: .postgres))
        if isInTransaction, wire.transactionStatus != PQTRANS_INTRANS {
            throw SQLError(.invalid(sqlState: "25P01"), "the script ended the transaction that it ran in")
        }
    }

    func begin(timeout: Duration) throws(SQLError) {
        _ = try simple("BEGIN READ WRITE")
        isInTransaction = true
        if timeout != defaultTimeout {
            self.timeout = timeout
            _ = try simple("SET LOCAL statement_timeout = \(timeout.milliseconds)")
        }
    }

    func commit() throws(SQLError) {
        guard wire.transactionStatus == PQTRANS_INTRANS else {
            throw SQLError(.invalid(sqlState: "25P02"), "the transaction isn't in a state to be committed")
        }
        let result = try simple("COMMIT")
        endTransaction()
        // PostgreSQL answers the COMMIT of a failed transaction with success and the word ROLLBACK.
        guard result.commandTag == "COMMIT" else {
            throw SQLError(.invalid(sqlState: "25P02"), "PostgreSQL rolled the transaction back")
        }
    }

    func rollback() {
        endTransaction()
        guard wire.transactionStatus != PQTRANS_IDLE else { return }
        do {
            _ = try simple("ROLLBACK")
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
            _ = try simple("DEALLOCATE ALL")
            hasStaleStatements = false
        }
        statementCount += 1
        let statement = Prepared(name: "s\(statementCount)", rows: rows)
        let text = Dialect.render(sql, for: .postgres, rows: rows)
        _ = try wire.exchange(within: timeout + answerTimeout) { PQsendPrepare($0, statement.name, text, 0, nil) }
        if let old = cache.insert(statement, for: sql) { _ = try simple("DEALLOCATE \(old.name)") }
        return statement
    }

    private func execute(_ statement: Prepared, _ sql: String) throws(SQLError) -> SQLResult {
        do {
            let result = try wire.exchange(within: timeout + answerTimeout) { connection in
                parameters.withPointers { count, values, lengths, formats in
                    PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 0)
                }
            }
            let decoder = statement.decoder ?? PostgresDecoder(result)
            statement.decoder = decoder
            return decoder.decode(result)
        } catch {
            if error.isPassing, error.kind != .deadlock {
                cache.removeAll()
                hasStaleStatements = true
            }
            // This server was the primary once; a new connection finds the one that is.
            if error.kind == .readOnly, isInTransaction { wire.abandon() }
            throw error
        }
    }

    private func simple(_ sql: String) throws(SQLError) -> PostgresResult {
        try wire.exchange(within: timeout + answerTimeout) { PQsendQuery($0, sql) }
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
