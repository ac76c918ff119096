/// One row of a result. Reading a column by name finds it in a list that all rows of the result share.
package struct SQLRow: Sendable {
    private let result: SQLResult
    private let start: Int

    init(_ result: SQLResult, row: Int) {
        self.result = result
        start = row * result.columns.count
    }

    package var columns: [String] { result.columns.names }

    /// The value as the engine gave it; a column that isn't there is a mistake in the program and reads as null.
    package subscript(_ column: String) -> SQLValue {
        guard let index = result.columns.index(of: column) else {
            assertionFailure("no column \(column) in \(result.columns.names)")
            return .null
        }
        return result.values[start + index]
    }

    package func textOrNil(_ column: String) throws(SQLError) -> String? {
        switch try value(column) {
        case .null: nil
        case .text(let text): text
        default: throw mismatch(column, "text")
        }
    }

    package func integerOrNil(_ column: String) throws(SQLError) -> Int64? {
        switch try value(column) {
        case .null: nil
        case .integer(let integer): integer
        default: throw mismatch(column, "an integer")
        }
    }

    /// SQLite keeps booleans as 0 and 1, which read as booleans here.
    package func boolOrNil(_ column: String) throws(SQLError) -> Bool? {
        switch try value(column) {
        case .null: nil
        case .bool(let bool): bool
        case .integer(0): false
        case .integer(1): true
        default: throw mismatch(column, "a boolean")
        }
    }

    package func doubleOrNil(_ column: String) throws(SQLError) -> Double? {
        switch try value(column) {
        case .null: nil
        case .double(let double): double
        case .integer(let integer): Double(integer)
        default: throw mismatch(column, "a number")
        }
    }

    package func bytesOrNil(_ column: String) throws(SQLError) -> [UInt8]? {
        switch try value(column) {
        case .null: nil
        case .bytes(let bytes): bytes
        default: throw mismatch(column, "bytes")
        }
    }

    package func text(_ column: String) throws(SQLError) -> String { try present(textOrNil(column), column) }
    package func integer(_ column: String) throws(SQLError) -> Int64 { try present(integerOrNil(column), column) }
    package func bool(_ column: String) throws(SQLError) -> Bool { try present(boolOrNil(column), column) }
    package func double(_ column: String) throws(SQLError) -> Double { try present(doubleOrNil(column), column) }
    package func bytes(_ column: String) throws(SQLError) -> [UInt8] { try present(bytesOrNil(column), column) }

    private func value(_ column: String) throws(SQLError) -> SQLValue {
        guard let index = result.columns.index(of: column) else {
            throw SQLError(.invalid(sqlState: "42703"), "the result has no column \(column)")
        }
        return result.values[start + index]
    }

    private func present<T>(_ value: T?, _ column: String) throws(SQLError) -> T {
        guard let value else { throw SQLError(.invalid(sqlState: "22004"), "column \(column) is null") }
        return value
    }

    private func mismatch(_ column: String, _ type: String) -> SQLError {
        SQLError(.invalid(sqlState: "42804"), "column \(column) is not \(type)")
    }
}

/// What one statement gave: the values row by row in one array, and how many rows it touched.
final class SQLResult: Sendable {
    let columns: SQLColumns
    let values: [SQLValue]
    let rowCount: Int
    let touched: Int

    init(columns: SQLColumns, values: [SQLValue], rowCount: Int, touched: Int) {
        self.columns = columns
        self.values = values
        self.rowCount = rowCount
        self.touched = touched
    }

    var rows: [SQLRow] { (0..<rowCount).map { SQLRow(self, row: $0) } }
}

/// The columns of a statement's results, shared by all of them.
final class SQLColumns: Sendable {
    static let none = SQLColumns([])

    let names: [String]
    /// Only for wide results: over a few names a linear search is faster.
    private let positions: [String: Int]

    var count: Int { names.count }

    init(_ names: [String]) {
        self.names = names
        positions = names.count <= 12 ? [:] : Dictionary(zip(names, 0...), uniquingKeysWith: { first, _ in first })
    }

    func index(of name: String) -> Int? {
        names.count <= 12 ? names.firstIndex(of: name) : positions[name]
    }
}
