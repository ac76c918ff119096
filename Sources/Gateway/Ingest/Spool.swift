import Logging
import SQL
import Synchronization

/// Webhooks committed to a local file while the SQL database can't be reached, in the order of their arrival.
/// Only the ingest writers append and only the drain removes, so a depth of zero means that all of them are in the
/// database.
final class Spool: Sendable {
    private let file: Database
    private let count: Atomic<Int>
    /// What stands up to here is in the database. The file may still hold it when the disk is full.
    private let drained = Atomic<Int64>(0)
    private let logger: Logger

    private static let schema = [
        Migration(
            number: 1, name: "spool",
            sql: """
                CREATE TABLE spooled_webhooks (
                    position    INTEGER PRIMARY KEY AUTOINCREMENT,
                    received_at BIGINT NOT NULL,
                    body        {bytes} NOT NULL
                );
                """)
    ]

    struct Entry: Sendable {
        let position: Int64
        let webhook: ReceivedWebhook
    }

    /// What an earlier run left in the file is still there.
    static func open(directory: String, logger: Logger) async throws -> Spool {
        let file = try await Database.open(.sqlite(path: directory + "/spool.db"), logger: logger)
        do {
            _ = try await file.migrate(schema)
            let waiting = try await file.read { session in
                try session.query("SELECT COUNT(*) AS waiting FROM spooled_webhooks").first?.integer("waiting") ?? 0
            }
            return Spool(file: file, count: Int(waiting), logger: logger)
        } catch {
            await file.close()
            throw error
        }
    }

    private init(file: Database, count: Int, logger: Logger) {
        self.logger = logger
        self.file = file
        self.count = Atomic(count)
    }

    var depth: Int { count.load(ordering: .acquiring) }

    /// Returns after the commit to disk.
    func append(_ webhooks: [ReceivedWebhook]) async throws {
        var rows = SQLRows([("received_at", .bigint), ("body", .bytes)])
        for webhook in webhooks { rows.append([.integer(webhook.receivedAt), .bytes(webhook.body)]) }
        let spooled = rows
        try await file.transaction { session in
            _ = try session.batch(
                """
                INSERT INTO spooled_webhooks (received_at, body) SELECT r.received_at, r.body FROM {rows} WHERE true
                """, spooled)
        }
        count.wrappingAdd(webhooks.count, ordering: .acquiringAndReleasing)
    }

    /// The oldest webhooks, at most this many.
    func first(_ limit: Int) async throws -> [Entry] {
        let drained = drained.load(ordering: .acquiring)
        return try await file.read { session in
            try session.query(
                "SELECT position, received_at, body FROM spooled_webhooks WHERE position > $1 ORDER BY position LIMIT $2",
                [.integer(drained), .integer(Int64(limit))]
            ).map { row in
                Entry(
                    position: try row.integer("position"),
                    webhook: ReceivedWebhook(
                        body: try row.bytes("body"), receivedAt: try row.integer("received_at"), isSpooled: true))
            }
        }
    }

    /// Forgets what the database has. A file that can't be written just now does not hold newer webhooks up: the next
    /// removal takes these with it, and should the process end before, the database knows them again.
    func remove(_ entries: [Entry]) async {
        guard let last = entries.last else { return }
        drained.store(last.position, ordering: .releasing)
        count.wrappingSubtract(entries.count, ordering: .acquiringAndReleasing)
        do {
            try await file.transaction { session in
                _ = try session.execute("DELETE FROM spooled_webhooks WHERE position <= $1", [.integer(last.position)])
            }
        } catch {
            let cause = GatewayError(wrapping: error)
            logger.warning("the spool keeps what was drained", metadata: ["cause": "\(cause.cause ?? cause.message)"])
        }
    }

    func close() async { await file.close() }
}
