/// One open connection of an engine, used by one thread at a time.
///
/// A failure that leaves the connection unusable sets `isBroken`; the owner then closes it and opens another.
protocol Driver: AnyObject {
    var isBroken: Bool { get }
    /// Whether a broken connection ran into its deadline: trying again would double the wait.
    var isOverdue: Bool { get }
    /// Looks, without waiting, whether an idle connection is still there.
    func isAlive() -> Bool

    func run(_ sql: String, _ parameters: [SQLValue]) throws(SQLError) -> SQLResult
    func run(_ sql: String, _ rows: SQLRows) throws(SQLError) -> [SQLRow]
    /// Several statements without parameters, separated by semicolons.
    func runScript(_ sql: String) throws(SQLError)

    /// Statements up to the end of the transaction may take `timeout`.
    func begin(timeout: Duration) throws(SQLError)
    /// When it throws and `isBroken`, the outcome is unknown; when it throws otherwise, nothing was committed.
    func commit() throws(SQLError)
    func rollback()
    func close()
}
