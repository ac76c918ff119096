import CPostgres
import Foundation
import Logging

/// Opens PostgreSQL connections with the settings that bound every wait.
struct PostgresConnector: Sendable {
    private let url: String
    private let options: DatabaseOptions
    private let gate: ConnectGate
    private let logger: Logger

    init(url: String, options: DatabaseOptions, logger: Logger) throws(SQLError) {
        // libpq's own words would repeat the URL, password and all.
        guard let parsed = PQconninfoParse(url, nil) else {
            throw SQLError(.invalid(sqlState: "08001"), "the PostgreSQL URL can't be read")
        }
        PQconninfoFree(parsed)
        self.url = url
        self.options = options
        self.logger = logger
        gate = ConnectGate(attemptTimeout: options.connectTimeout)
    }

    func connect() throws(SQLError) -> any Driver {
        try open { wire throws(SQLError) in try PostgresDriver(wire: wire, options: options) }
    }

    /// Connects, and makes of the connection what it is for.
    func open<Opened>(_ make: (PostgresWire) throws(SQLError) -> Opened) throws(SQLError) -> Opened {
        try gate.enter()
        do {
            let opened = try make(PostgresWire(open()))
            if gate.connected() { logger.notice("postgres is back") }
            return opened
        } catch {
            if gate.failed(error) {
                logger.warning("postgres can't be reached", metadata: ["error": "\(error.message)"])
            }
            throw error
        }
    }

    /// libpq's blocking connect keeps to `connect_timeout` for each host.
    private func open() throws(SQLError) -> OpaquePointer {
        let connectSeconds = max(2, options.connectTimeout.wholeSeconds)
        // What stands before `dbname` the URL can override.
        let settings: [(String, String)] = [
            ("application_name", "vestibule"),
            ("connect_timeout", "\(connectSeconds)"),
            ("target_session_attrs", "primary"),
            ("keepalives", "1"),
            ("keepalives_idle", "15"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(2 * connectSeconds * 1000)"),
            ("dbname", url),
            ("client_encoding", "UTF8"),
        ]
        var keywords: [UnsafePointer<CChar>?] = []
        var values: [UnsafePointer<CChar>?] = []
        for (keyword, value) in settings {
            keywords.append(UnsafePointer(strdup(keyword)))
            values.append(UnsafePointer(strdup(value)))
        }
        defer { for pointer in keywords + values { free(UnsafeMutablePointer(mutating: pointer)) } }
        guard let connection = PQconnectdbParams(keywords + [nil], values + [nil], 1) else {
            throw SQLError(.unavailable, "out of memory while connecting to PostgreSQL")
        }
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = PostgresErrors.text(PQerrorMessage(connection))
            PQfinish(connection)
            throw SQLError(.unavailable, message)
        }
        // Notices would go to standard error.
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        guard PQsetnonblocking(connection, 1) == 0 else {
            PQfinish(connection)
            throw SQLError(.unavailable, "libpq refused non-blocking mode")
        }
        return connection
    }
}
