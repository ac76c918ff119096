/// The type of one column of a row set. `json` is JSONB in PostgreSQL and TEXT in SQLite.
package enum SQLType: String, Sendable, Hashable {
    case text, bigint, boolean, double, json, bytes
}

/// A row set that `SQLSession.batch` puts where the SQL says `{rows}`.
package struct SQLRows: Sendable {
    struct Column: Sendable, Hashable {
        let name: String
        let type: SQLType
    }

    let columns: [Column]
    /// Row by row, `columns.count` values each.
    private(set) var values: [SQLValue] = []
    package private(set) var count = 0

    package var isEmpty: Bool { count == 0 }

    /// Column names are lower case and stand in the SQL as `r.name`.
    package init(_ columns: [(String, SQLType)]) {
        precondition(!columns.isEmpty, "a row set has at least one column")
        self.columns = columns.map { Column(name: $0.0, type: $0.1) }
    }

    /// `values` stand in the order of the columns, one for each.
    package mutating func append(_ values: [SQLValue]) {
        precondition(values.count == columns.count, "a row has one value for each column")
        self.values.append(contentsOf: values)
        count += 1
    }

    /// Checks one value against its column, so that both engines refuse the same rows.
    static func check(_ value: SQLValue, _ column: Column) throws(SQLError) {
        switch (value, column.type) {
        case (.null, _), (.text, .text), (.text, .json), (.integer, .bigint), (.bool, .boolean), (.double, .double),
            (.integer, .double), (.bytes, .bytes):
            return
        default:
            throw SQLError(.invalid(sqlState: "42804"), "a value for column \(column.name) is not \(column.type)")
        }
    }
}
