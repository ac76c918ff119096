/// What a transaction writes last of all, on its way to COMMIT: the place for a row that many transactions change, so
/// that each holds its lock no longer than the commit itself takes.
package protocol ClosingStatements: AnyObject {
    /// Use `SQLSession.send`, so that the statements travel with COMMIT.
    func write(_ session: SQLSession) throws
}
