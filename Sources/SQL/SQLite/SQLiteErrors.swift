import CSQLite

enum SQLiteErrors {
    static func error(_ code: Int32, _ database: OpaquePointer?) -> SQLError {
        let words = database.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        let message = words.map { String(cString: $0) } ?? "SQLite error"
        return SQLError(kind(code, message), withoutQuoted(message), isPassing: code & 0xff == SQLITE_BUSY)
    }

    /// After these the connection is opened anew.
    static func isFatal(_ code: Int32) -> Bool {
        [SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_NOMEM].contains(code & 0xff)
    }

    private static func kind(_ code: Int32, _ message: String) -> SQLError.Kind {
        switch code {
        case 2067, 1555, 2579: return .unique(constraint: afterColon(message))
        case 787: return .foreignKey
        case 1299: return .notNull
        case 275: return .check
        default: break
        }
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: return .busy
        case SQLITE_INTERRUPT: return .timeout
        case SQLITE_READONLY: return .readOnly
        case SQLITE_FULL: return .full
        case SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, SQLITE_NOMEM: return .unavailable
        default: return .invalid(sqlState: "sqlite-\(code)")
        }
    }

    /// `UNIQUE constraint failed: t.a, t.b`
    private static func afterColon(_ message: String) -> String {
        message.firstIndex(of: ":").map { String(message[$0...].dropFirst(2)) } ?? ""
    }

    /// What SQLite puts between single quotes may be a value.
    private static func withoutQuoted(_ message: String) -> String {
        guard let first = message.firstIndex(of: "'"), let last = message.lastIndex(of: "'"), first < last else {
            return message
        }
        return message[...first] + "…" + message[last...]
    }
}
