import SQL

/// Values that all gateways on a database share and that nobody set: made by whichever needs one first.
enum SharedSecret {
    static func find(
        _ name: String, in database: Database, at now: Milliseconds, make: () -> String
    ) async throws -> String {
        let fresh = make()
        let shared = try await database.transaction { session in
            _ = try session.execute(
                """
                INSERT INTO gateway_secrets (name, value, created_at) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING
                """, [.text(name), .text(fresh), .integer(now)])
            return try session.query("SELECT value FROM gateway_secrets WHERE name = $1", [.text(name)])
                .first?.text("value")
        }
        return shared ?? fresh
    }
}
