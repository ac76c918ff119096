/// Brings the schema up step by step. Each step takes a lock, looks again at what is there, and runs in one
/// transaction with its entry in `schema_migrations`, so that several processes may start at once.
struct Migrator {
    let migrations: [Migration]

    init(_ migrations: [Migration]) throws(SQLError) {
        self.migrations = migrations.sorted { $0.number < $1.number }
        for (index, migration) in self.migrations.enumerated() where migration.number != index + 1 {
            throw SQLError(.migration, "migrations are numbered 1, 2, 3, …; \(index + 1) is not there")
        }
    }

    /// What one transaction did: the number found, and the migration it ran, nil when none was left.
    struct Step: Sendable {
        let found: Int
        let applied: Migration?
    }

    func step(_ session: SQLSession, now: Int64) throws(SQLError) -> Step {
        try prepare(session)
        let rows = try session.query("SELECT number, name, checksum FROM schema_migrations ORDER BY number")
        for row in rows { try compare(row) }
        guard rows.count < migrations.count else { return Step(found: rows.count, applied: nil) }
        let next = migrations[rows.count]
        try session.script(next.sql)
        try session.execute(
            "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)",
            [.integer(Int64(next.number)), .text(next.name), .text(next.checksum), .integer(now)])
        return Step(found: rows.count, applied: next)
    }

    private func prepare(_ session: SQLSession) throws(SQLError) {
        if session.engine == .postgres {
            // Held to the end of the transaction. SQLite's BEGIN IMMEDIATE is such a lock already.
            _ = try session.query(
                "SELECT pg_advisory_xact_lock(hashtext('schema_migrations'), hashtext(coalesce(current_schema(), '')))")
        }
        try session.script(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number BIGINT PRIMARY KEY,
                name TEXT NOT NULL,
                checksum TEXT NOT NULL,
                applied_at BIGINT NOT NULL
            )
            """)
    }

    private func compare(_ row: SQLRow) throws(SQLError) {
        let number = try row.integer("number")
        let name = try row.text("name")
        guard let known = migrations.first(where: { $0.number == number }) else {
            throw SQLError(
                .migration, "the database has migration \(number) (\(name)), which is newer than this program")
        }
        guard try known.checksum == row.text("checksum") else {
            throw SQLError(.migration, "migration \(number) (\(name)) was edited after it had been applied")
        }
    }
}

extension Migration {
    /// `0002-second`
    var title: String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "-" + name
    }
}
