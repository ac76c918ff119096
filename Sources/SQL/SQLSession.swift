/// One connection inside a `read` or `transaction` closure; synchronous, and it never leaves the closure.
///
/// `{for update}`, `{for no key update}`, either with `skip locked`, `{for no key update of m}`, `{for key share}`,
/// `{notify channel}` and (in `batch`) `{rows}` in the SQL become the engine's words; what stands between `{postgres}` or
/// `{sqlite}` and `{end}` is for that engine alone.
/// After an error inside a transaction that transaction can only be rolled back, on both engines: further
/// statements fail, and the closure's end, even a successful one, throws the first error.
package final class SQLSession {
    package let engine: SQLEngine
    private let driver: any Driver
    private let isTransaction: Bool
    private(set) var failure: SQLError?
    private var closing: [ObjectIdentifier: any ClosingStatements] = [:]
    private let notices: Notices
    /// Channels to be told of the commit.
    private(set) var notified: Set<String> = []

    init(engine: SQLEngine, driver: any Driver, notices: Notices, isTransaction: Bool) {
        self.engine = engine
        self.driver = driver
        self.notices = notices
        self.isTransaction = isTransaction
    }

    /// Parameters stand as `$1`, `$2`, … Where nothing around one tells its type, cast it: `CAST($1 AS BIGINT)`.
    package func query(_ sql: String, _ parameters: [SQLValue] = []) throws(SQLError) -> [SQLRow] {
        try run(sql, parameters).rows()
    }

    /// Gives how many rows were inserted, updated or deleted.
    @discardableResult
    package func execute(_ sql: String, _ parameters: [SQLValue] = []) throws(SQLError) -> Int {
        try run(sql, parameters).touched()
    }

    /// Runs `sql`, whose `{rows}` stands where a table expression named `r` with the columns of `rows` may stand.
    ///
    /// PostgreSQL sees thousands of rows in one statement, SQLite one row at a time: write SQL whose outcome for a
    /// row doesn't depend on the others (no aggregates over `{rows}`, no key twice in one batch). The order of the
    /// rows that come back is open. Without rows nothing is sent.
    @discardableResult
    package func batch(_ sql: String, _ rows: SQLRows) throws(SQLError) -> [SQLRow] {
        try send(sql, rows).rows()
    }

    /// `batch` without waiting for the end of the statement: PostgreSQL gets it together with those that follow,
    /// which saves a round trip each. It runs in its turn; what it gives, or the error that it ends with, is seen when
    /// any later answer is waited for, at the latest on COMMIT.
    @discardableResult
    package func send(_ sql: String, _ rows: SQLRows) throws(SQLError) -> SQLAnswer {
        let answer = SQLAnswer(self)
        if rows.isEmpty { return answer }
        try guarded { () throws(SQLError) in try driver.send(sql, rows, answer) }
        if !isTransaction { try settle() }
        return answer
    }

    func settle() throws(SQLError) {
        try guarded { () throws(SQLError) in try driver.settle() }
    }

    /// Tells all who listen to `channel` (`Database.listen`) when the transaction is committed, without waiting for the
    /// server's answer. Where this process listens itself, its listener tells the other processes, of many commits at
    /// once; should it end before that, they find by looking what they were not told. At the end of an INSERT, UPDATE or
    /// DELETE `{notify channel}` makes the commit itself tell them, on PostgreSQL alone.
    package func notify(_ channel: String) throws(SQLError) {
        notified.insert(channel)
        guard engine == .postgres, !(isTransaction && notices.isRelayed(channel)) else { return }
        var rows = SQLRows([("one", .bigint)])
        rows.append([.integer(1)])
        try send("SELECT \(Notice.call(channel)) FROM {rows}", rows)
    }

    /// The closing statements of this type, made when the transaction first asks for them.
    package func closing<Statements: ClosingStatements>(_ make: () -> Statements) -> Statements {
        let key = ObjectIdentifier(Statements.self)
        if let known = closing[key] as? Statements { return known }
        let new = make()
        closing[key] = new
        return new
    }

    func writeClosing() throws {
        for statements in closing.values { try statements.write(self) }
        closing = [:]
    }

    /// Holds these locks until the transaction ends: `keys` alone, `shared` beside others that share them. They are
    /// taken in ascending order, so that no two transactions wait for each other; in SQLite a transaction that writes
    /// is alone anyway.
    package func lock(_ keys: Set<Int64>, shared: Set<Int64> = []) throws(SQLError) {
        guard engine == .postgres else { return }
        var rows = SQLRows([("number", .bigint), ("shared", .boolean)])
        for key in keys.union(shared).sorted() { rows.append([.integer(key), .bool(!keys.contains(key))]) }
        try send(
            """
            SELECT CASE WHEN r.shared
                THEN pg_advisory_xact_lock_shared(hashtext(coalesce(current_schema(), '')), CAST(r.number AS INTEGER))
                ELSE pg_advisory_xact_lock(hashtext(coalesce(current_schema(), '')), CAST(r.number AS INTEGER))
                END FROM {rows}
            """, rows)
    }

    func script(_ sql: String) throws(SQLError) {
        try guarded { () throws(SQLError) in try driver.runScript(sql) }
    }

    private func run(_ sql: String, _ parameters: [SQLValue]) throws(SQLError) -> SQLAnswer {
        let answer = SQLAnswer(self)
        try guarded { () throws(SQLError) in
            try driver.send(sql, parameters, answer)
            try driver.settle()
        }
        return answer
    }

    private func guarded<T>(_ statement: () throws(SQLError) -> T) throws(SQLError) -> T {
        if let failure {
            throw SQLError(
                .invalid(sqlState: "25P02"), "the transaction failed earlier: \(failure.message)",
                isPassing: failure.isPassing)
        }
        do {
            return try statement()
        } catch {
            if isTransaction { failure = error }
            throw error
        }
    }
}
