import SQL

/// What the server's tables hold, to be compared and to be emptied.
struct FixtureDump: Sendable, Hashable {
    /// A row by its columns, as text.
    typealias Row = [String: String]

    let tables: [String: [Row]]

    static let tables = [
        "whatsapp_messages", "chat_messages", "message_statuses", "message_changes", "rooms", "contacts",
        "contact_aliases",
    ]

    init(_ database: Database) async throws {
        tables = try await database.read { session in
            Dictionary(
                uniqueKeysWithValues: try Self.tables.map { table in
                    let rows = try session.query("SELECT * FROM \(table)").map { row in
                        // A contact is written again when an older webhook comes again, and says the same in the end.
                        let columns = row.columns.filter { table != "contacts" || $0 != "updated_at" }
                        return Dictionary(uniqueKeysWithValues: columns.map { ($0, "\(row[$0])") })
                    }
                    return (
                        table, rows.sorted { "\($0.sorted { $0.key < $1.key })" < "\($1.sorted { $0.key < $1.key })" }
                    )
                })
        }
    }

    subscript(_ table: String) -> [Row] { tables[table] ?? [] }

    /// Takes all rows away but the accounts': a fresh space for the next webhook.
    static func clear(_ database: Database) async throws {
        try await database.transaction { session in
            for table in ["webhook_events", "jobs", "mirror_outbox", "message_statuses", "message_changes"]
                + ["chat_messages", "whatsapp_messages", "rooms", "contact_aliases", "contacts"]
            {
                _ = try session.execute("DELETE FROM \(table)")
            }
        }
    }
}
