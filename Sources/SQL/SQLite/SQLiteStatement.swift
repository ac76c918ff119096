import CSQLite

/// One prepared statement with what is worth knowing only once.
final class SQLiteStatement {
    let pointer: OpaquePointer
    let rows: [SQLRows.Column]
    /// SQLite numbers `$2, $1` in the order of their first use; this has the number for each place.
    let numbers: [Int]
    private(set) var columns: SQLColumns
    private var isBoolean: [Bool]

    /// Takes over `pointer`.
    init(_ pointer: OpaquePointer, rows: [SQLRows.Column]) {
        self.pointer = pointer
        self.rows = rows
        let count = sqlite3_bind_parameter_count(pointer)
        numbers = (0..<count).map { place in
            sqlite3_bind_parameter_name(pointer, place + 1).flatMap { Int(String(cString: $0).dropFirst()) } ?? 0
        }
        columns = .none
        isBoolean = []
        describe()
    }

    deinit { sqlite3_finalize(pointer) }

    /// SQLite prepares anew by itself after a change of the schema; the columns may differ then.
    func describeIfPreparedAnew() {
        if sqlite3_stmt_status(pointer, SQLITE_STMTSTATUS_REPREPARE, 1) > 0 { describe() }
    }

    func reset() {
        sqlite3_reset(pointer)
        sqlite3_clear_bindings(pointer)
    }

    /// - Parameter place: from 0.
    func bind(_ value: SQLValue, at place: Int) -> Int32 {
        let index = Int32(place + 1)
        switch value {
        case .null: return sqlite3_bind_null(pointer, index)
        case .bool(let bool): return sqlite3_bind_int64(pointer, index, bool ? 1 : 0)
        case .integer(let integer): return sqlite3_bind_int64(pointer, index, integer)
        case .double(let double): return sqlite3_bind_double(pointer, index, double)
        case .text(var text):
            return text.withUTF8 { bytes in
                // A null pointer would bind NULL.
                guard let start = bytes.baseAddress else { return vestibule_bind_text(pointer, index, "", 0) }
                return vestibule_bind_text(pointer, index, start, UInt64(bytes.count))
            }
        case .bytes(let bytes):
            return bytes.withUnsafeBytes { bytes in
                guard let start = bytes.baseAddress, !bytes.isEmpty else {
                    return sqlite3_bind_zeroblob(pointer, index, 0)
                }
                return vestibule_bind_blob(pointer, index, start, UInt64(bytes.count))
            }
        }
    }

    /// Appends the current row.
    func read(into values: inout [SQLValue]) {
        for index in isBoolean.indices { values.append(value(Int32(index), isBoolean[index])) }
    }

    private func describe() {
        let count = sqlite3_column_count(pointer)
        columns = SQLColumns((0..<count).map { String(cString: sqlite3_column_name(pointer, $0)) })
        isBoolean = (0..<count).map { index in
            guard let type = sqlite3_column_decltype(pointer, index) else { return false }
            return String(cString: type).uppercased() == "BOOLEAN"
        }
    }

    private func value(_ index: Int32, _ isBoolean: Bool) -> SQLValue {
        switch sqlite3_column_type(pointer, index) {
        case SQLITE_INTEGER:
            let integer = sqlite3_column_int64(pointer, index)
            return isBoolean ? .bool(integer != 0) : .integer(integer)
        case SQLITE_FLOAT:
            return .double(sqlite3_column_double(pointer, index))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(pointer, index)
            let count = Int(sqlite3_column_bytes(pointer, index))
            return .text(
                String(decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self))
        case SQLITE_BLOB:
            guard let start = sqlite3_column_blob(pointer, index) else { return .bytes([]) }
            return .bytes(
                [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, index)))))
        default:
            return .null
        }
    }
}
