import CSQLite

/// SQLite through its C interface.
final class SQLiteDriver: Driver {
    /// How long a lock of another process is waited for.
    private static let lockTimeout: Duration = .seconds(5)
    /// Steps of SQLite's virtual machine between two looks at the clock: some tens of microseconds.
    private static let stepsBetweenLooks: Int32 = 10_000

    private let database: OpaquePointer
    private let defaultTimeout: Duration
    private var timeout: Duration
    private var cache = StatementCache<SQLiteStatement>()
    /// Read by SQLite's progress callback, which runs inside a step on this very thread.
    private let statementDeadline: UnsafeMutablePointer<ContinuousClock.Instant>
    private var isClosed = false

    private(set) var isBroken = false
    private(set) var mayHaveCommitted = false
    /// SQLite has no connection to wait for.
    let isOverdue = false
    var deadline: ContinuousClock.Instant?

    /// Takes over `database`.
    init(_ database: OpaquePointer, timeout: Duration) {
        self.database = database
        defaultTimeout = timeout
        self.timeout = timeout
        statementDeadline = .allocate(capacity: 1)
        statementDeadline.initialize(to: .now + timeout)
        sqlite3_busy_timeout(database, Int32(clamping: min(Self.lockTimeout, timeout).milliseconds))
        sqlite3_progress_handler(
            database, Self.stepsBetweenLooks,
            { context in
                let deadline = context?.assumingMemoryBound(to: ContinuousClock.Instant.self)
                return deadline.map { ContinuousClock.now > $0.pointee } == true ? 1 : 0
            }, statementDeadline)
    }

    deinit {
        close()
        statementDeadline.deallocate()
    }

    func isAlive() -> Bool { !isBroken }

    func send(_ sql: String, _ parameters: [SQLValue], _ answer: SQLAnswer) throws(SQLError) {
        answer.expect()
        answer.take(try run(sql, parameters))
    }

    func send(_ sql: String, _ rows: SQLRows, _ answer: SQLAnswer) throws(SQLError) {
        answer.expect()
        answer.take(try run(sql, rows))
    }

    /// Every statement has ended when `send` returns.
    func settle() {}

    private func run(_ sql: String, _ parameters: [SQLValue]) throws(SQLError) -> SQLResult {
        let statement = try prepare(sql, rows: [])
        startClock()
        defer { statement.reset() }
        guard parameters.count == statement.numbers.max() ?? 0, !statement.numbers.contains(0) else {
            throw SQLError(.invalid(sqlState: "08P01"), "the statement has other parameters than were given")
        }
        for (place, number) in statement.numbers.enumerated() {
            try bind(parameters[number - 1], statement, place) { "parameter $\(number)" }
        }
        let before = sqlite3_total_changes64(database)
        var values: [SQLValue] = []
        let rowCount = try step(statement, into: &values)
        let touched = sqlite3_total_changes64(database) == before ? 0 : Int(sqlite3_changes64(database))
        return SQLResult(columns: statement.columns, values: values, rowCount: rowCount, touched: touched)
    }

    private func run(_ sql: String, _ rows: SQLRows) throws(SQLError) -> SQLResult {
        let statement = try prepare(sql, rows: rows.columns)
        startClock()
        defer { statement.reset() }
        var values: [SQLValue] = []
        var rowCount = 0
        let width = rows.columns.count
        for row in 0..<rows.count {
            for (place, number) in statement.numbers.enumerated() {
                guard number >= 1, number <= width else {
                    throw SQLError(.invalid(sqlState: "08P01"), "a batch has no parameters beside its rows")
                }
                let column = rows.columns[number - 1]
                let value = rows.values[row * width + number - 1]
                try SQLRows.check(value, column)
                try bind(value, statement, place) { "column \(column.name)" }
            }
            rowCount += try step(statement, into: &values)
            sqlite3_reset(statement.pointer)
        }
        return SQLResult(columns: statement.columns, values: values, rowCount: rowCount, touched: 0)
    }

    func runScript(_ sql: String) throws(SQLError) {
        let wasInTransaction = sqlite3_get_autocommit(database) == 0
        startClock()
        let code = sqlite3_exec(database, Dialect.render(sql, for: .sqlite), nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code) }
        if wasInTransaction, sqlite3_get_autocommit(database) != 0 {
            throw SQLError(.invalid(sqlState: "25P01"), "the script ended the transaction that it ran in")
        }
    }

    func begin(timeout: Duration) throws(SQLError) {
        self.timeout = timeout
        let lockTimeout = timeout == defaultTimeout ? min(Self.lockTimeout, timeout) : timeout
        sqlite3_busy_timeout(database, Int32(clamping: lockTimeout.milliseconds))
        _ = try run("BEGIN IMMEDIATE", [])
    }

    func commit() throws(SQLError) {
        guard sqlite3_get_autocommit(database) == 0 else {
            throw SQLError(.invalid(sqlState: "25P02"), "SQLite rolled the transaction back")
        }
        do {
            _ = try run("COMMIT", [])
        } catch {
            mayHaveCommitted = isBroken
            throw error
        }
        timeout = defaultTimeout
    }

    func rollback() {
        timeout = defaultTimeout
        // Some errors roll back by themselves.
        guard sqlite3_get_autocommit(database) == 0 else { return }
        do {
            _ = try run("ROLLBACK", [])
        } catch {
            isBroken = true
        }
    }

    func close() {
        if isClosed { return }
        isClosed = true
        isBroken = true
        cache.removeAll()
        sqlite3_close_v2(database)
    }

    private func startClock() {
        let end = ContinuousClock.now + timeout
        statementDeadline.pointee = deadline.map { min($0, end) } ?? end
    }

    private func prepare(_ sql: String, rows: [SQLRows.Column]) throws(SQLError) -> SQLiteStatement {
        if let statement = cache.find(sql), statement.rows == rows { return statement }
        var pointer: OpaquePointer?
        let text = Dialect.render(sql, for: .sqlite, rows: rows)
        let code = sqlite3_prepare_v3(database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK else { throw failure(code) }
        guard let pointer else { throw SQLError(.invalid(sqlState: "42601"), "the statement is empty") }
        let statement = SQLiteStatement(pointer, rows: rows)
        // The one that had to go is finalised with its last reference.
        _ = cache.insert(statement, for: sql)
        return statement
    }

    private func bind(
        _ value: SQLValue, _ statement: SQLiteStatement, _ place: Int, _ name: () -> String
    ) throws(SQLError) {
        if case .text(let text) = value, text.utf8.contains(0) { throw PostgresParameters.nul(name()) }
        let code = statement.bind(value, at: place)
        guard code == SQLITE_OK else { throw failure(code) }
    }

    /// Runs the statement to its end; gives the number of rows.
    private func step(_ statement: SQLiteStatement, into values: inout [SQLValue]) throws(SQLError) -> Int {
        var rowCount = 0
        while true {
            let code = sqlite3_step(statement.pointer)
            if rowCount == 0 { statement.describeIfPreparedAnew() }
            switch code {
            case SQLITE_ROW:
                statement.read(into: &values)
                rowCount += 1
            case SQLITE_DONE:
                return rowCount
            default:
                throw failure(code)
            }
        }
    }

    private func failure(_ code: Int32) -> SQLError {
        if SQLiteErrors.isFatal(code) { isBroken = true }
        return SQLiteErrors.error(code, database)
    }
}
