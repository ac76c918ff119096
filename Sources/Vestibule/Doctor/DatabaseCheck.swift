import Foundation
import Gateway
import Logging
import SQL

/// Whether the SQL database can be reached, and whether its schema is this program's.
struct DatabaseCheck: Sendable {
    let location: DatabaseLocation
    let logger: Logger

    func finding() async -> Finding {
        if case .sqlite(let path) = location, !FileManager.default.fileExists(atPath: path) {
            return .ok("database", "SQLite, \(path) is made at the first start")
        }
        do {
            let database = try await Database.open(location, logger: logger)
            let finding: Finding
            do {
                finding = try await schema(of: database)
            } catch {
                finding = broken(error)
            }
            await database.close()
            return finding
        } catch {
            return broken(error)
        }
    }

    private func schema(of database: Database) async throws -> Finding {
        let time = try await database.ping()
        let exists = try await database.read { session in
            let sql =
                switch session.engine {
                case .postgres: "SELECT to_regclass('schema_migrations')::text AS name"
                case .sqlite: "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
                }
            return try session.query(sql).contains { $0["name"] != .null }
        }
        let version =
            !exists
            ? 0
            : try await database.read { session in
                try session.query("SELECT COALESCE(MAX(number), 0) AS version FROM schema_migrations").first?.integer(
                    "version") ?? 0
            }
        let known = Int64(Gateway.migrations.count)
        let milliseconds = (time / .milliseconds(1) * 10).rounded() / 10
        let detail = "\(name), \(milliseconds) ms, schema version \(version) of \(known)"
        if version > known {
            return .fail("database", detail, mend: "a newer program made this schema; run that one")
        }
        return version < known
            ? .warn("database", detail, mend: "run `vestibule migrate`, or just start: the server does it too")
            : .ok("database", detail)
    }

    private func broken(_ error: any Error) -> Finding {
        .fail(
            "database", "\(name): \((error as? SQLError)?.message ?? String(describing: error))",
            mend: "check DATABASE_URL (or DATA_DIR), that the server runs, and the user's rights")
    }

    private var name: String {
        switch location {
        case .postgres: "PostgreSQL"
        case .sqlite(let path): "SQLite \(path)"
        }
    }
}
