import CPostgres

enum PostgresErrors {
    /// Reads what the server said of a failed statement, without any value of a parameter.
    static func error(_ result: OpaquePointer) -> SQLError {
        let state = field(result, vestibule_diag_sqlstate) ?? ""
        let primary = field(result, vestibule_diag_message) ?? text(PQresultErrorMessage(result))
        // Data exceptions quote the value.
        let message = state.hasPrefix("22") ? withoutQuoted(primary) : primary
        return SQLError(kind(state, result), message, isPassing: isPassing(state))
    }

    /// libpq ends its messages with a newline, and a connect failure has a line for each host.
    static func text(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "no connection" }
        return String(cString: message).split(separator: "\n").joined(separator: "; ")
    }

    private static func kind(_ state: String, _ result: OpaquePointer) -> SQLError.Kind {
        switch state {
        case "23505": .unique(constraint: field(result, vestibule_diag_constraint) ?? "")
        case "23503": .foreignKey
        case "23502": .notNull
        case "23514", "23P01": .check
        case "40001", "40P01": .deadlock
        case "57014": .timeout
        case "55P03": .busy
        case "25006": .readOnly
        case "53100": .full
        case "": .unavailable
        default: isConnectionLoss(state) || state.hasPrefix("53") ? .unavailable : .invalid(sqlState: state)
        }
    }

    /// The server ends the connection, or it is no longer one to work with.
    static func isConnectionLoss(_ state: String) -> Bool {
        // 08P01 is also what a wrong number of parameters gets.
        (state.hasPrefix("08") && state != "08P01") || ["57P01", "57P02", "57P03", "57P05", "25P03"].contains(state)
    }

    /// Deadlocks, and prepared statements that no longer fit: a migration elsewhere changed their columns (0A000), or
    /// the session was reset (26000).
    private static func isPassing(_ state: String) -> Bool {
        ["40001", "40P01"].contains(state) || isStaleStatement(state)
    }

    static func isStaleStatement(_ state: String) -> Bool { state == "0A000" || state == "26000" }

    static func state(_ result: OpaquePointer) -> String { field(result, vestibule_diag_sqlstate) ?? "" }

    private static func field(_ result: OpaquePointer, _ code: Int32) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    private static func withoutQuoted(_ message: String) -> String {
        guard let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last else {
            return message
        }
        return message[...first] + "…" + message[last...]
    }
}
