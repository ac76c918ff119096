/// Why a statement, a transaction or a connection failed.
package struct SQLError: Error, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable {
        /// PostgreSQL names the constraint or unique index; SQLite gives `table.column, table.column`.
        case unique(constraint: String)
        case foreignKey
        case notNull
        case check
        /// The database can't be reached or was lost. After a lost COMMIT the outcome is unknown.
        case unavailable
        /// A deadlock or serialisation failure that outlived the retries.
        case deadlock
        /// The statement ran longer than the statement timeout.
        case timeout
        case readOnly
        case full
        /// No connection in time, too many waiting, or a lock that wasn't to be had.
        case busy
        /// A mistake in the SQL or in a value, with its SQLSTATE or SQLite's code.
        case invalid(sqlState: String)
        /// The migrations in the database and those in the program don't fit together.
        case migration
    }

    package let kind: Kind
    /// Words for the log; never the value of a parameter.
    package let message: String
    /// The transaction was rolled back for a passing reason: running it again may go well.
    let isPassing: Bool

    init(_ kind: Kind, _ message: String, isPassing: Bool? = nil) {
        self.kind = kind
        self.message = message
        self.isPassing = isPassing ?? (kind == .deadlock)
    }

    package var description: String { "\(kind): \(message)" }
}
