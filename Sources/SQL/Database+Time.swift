import Foundation

extension Database {
    /// The time that all who use this database have in common, in milliseconds since 1970: the PostgreSQL server's own,
    /// or for SQLite this machine's.
    package func time() async throws -> Int64 {
        guard engine == .postgres else { return Int64(Date().timeIntervalSince1970 * 1000) }
        return try await read { session in
            try session.query("SELECT CAST(FLOOR(EXTRACT(EPOCH FROM clock_timestamp()) * 1000) AS BIGINT) AS now")[0]
                .integer("now")
        }
    }
}
