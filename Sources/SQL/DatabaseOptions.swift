package enum DatabaseLocation: Sendable {
    /// A `postgres://` URL or libpq's keyword form.
    case postgres(url: String)
    /// The file and its folder are created when they aren't there.
    case sqlite(path: String)
}

package struct DatabaseOptions: Sendable {
    /// PostgreSQL connections. SQLite always has one writer and three readers.
    package var connections = 8
    /// For each host of the URL; whole seconds, at least two.
    package var connectTimeout: Duration = .seconds(5)
    package var statementTimeout: Duration = .seconds(30)
    /// How long the client waits for PostgreSQL beyond the statement timeout before it gives the connection up.
    package var answerTimeout: Duration = .seconds(5)
    /// For each statement of a migration, and for waiting while another process migrates.
    package var migrationTimeout: Duration = .seconds(3600)
    /// How long a closure waits for a free connection before `.busy`.
    package var acquireTimeout: Duration = .seconds(10)
    /// Closures waiting for a connection; one more gets `.busy` at once.
    package var maxWaiting = 10_000

    package init() {}
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }

    /// Seconds rounded up.
    var wholeSeconds: Int64 { components.seconds + (components.attoseconds > 0 ? 1 : 0) }
}
