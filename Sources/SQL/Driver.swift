/// One open connection of an engine, used by one thread at a time.
///
/// A failure that leaves the connection unusable sets `isBroken`; the owner then closes it and opens another.
protocol Driver: AnyObject {
    var isBroken: Bool { get }
    /// Whether a broken connection ran into its deadline: trying again would double the wait.
    var isOverdue: Bool { get }
    /// When the call that runs has to be over; nil: each statement has its own timeout alone.
    var deadline: ContinuousClock.Instant? { get set }
    /// Looks, without waiting, whether an idle connection is still there.
    func isAlive() -> Bool

    /// Starts a statement; `settle` waits for it at the latest, and hands the result to `answer`.
    func send(_ sql: String, _ parameters: [SQLValue], _ answer: SQLAnswer) throws(SQLError)
    func send(_ sql: String, _ rows: SQLRows, _ answer: SQLAnswer) throws(SQLError)
    /// Waits for all that was sent. Throws the first error; what was sent behind the statement that failed didn't run.
    func settle() throws(SQLError)
    /// Several statements without parameters, separated by semicolons, behind what was sent.
    func runScript(_ sql: String) throws(SQLError)

    /// Statements up to the end of the transaction may take `timeout`.
    func begin(timeout: Duration) throws(SQLError)
    /// Settles and commits. When it throws, nothing was committed unless `mayHaveCommitted`.
    func commit() throws(SQLError)
    /// Whether a COMMIT went out whose outcome isn't known.
    var mayHaveCommitted: Bool { get }
    func rollback()
    func close()
}
