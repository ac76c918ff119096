/// What a statement gives that was sent without waiting for it; see `SQLSession.send`.
package final class SQLAnswer {
    /// One for each part that a large batch was sent in.
    private var results: [SQLResult] = []
    /// Parts whose results have not come.
    private var outstanding = 0
    private let session: SQLSession

    init(_ session: SQLSession) { self.session = session }

    func expect() { outstanding += 1 }

    func take(_ result: SQLResult) {
        results.append(result)
        outstanding -= 1
    }

    /// Waits for the statement, and for all others that were sent.
    package func rows() throws(SQLError) -> [SQLRow] {
        if outstanding > 0 { try session.settle() }
        return results.flatMap(\.rows)
    }

    func touched() throws(SQLError) -> Int {
        if outstanding > 0 { try session.settle() }
        return results.reduce(0) { $0 + $1.touched }
    }
}
