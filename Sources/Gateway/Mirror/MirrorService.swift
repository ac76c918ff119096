import Logging
import Mongo
import SQL
import ServiceLifecycle

/// Keeps MongoDB level with SQL: takes the marks from the outbox, reads the messages as they stand, and upserts them
/// where MongoDB has an older revision. An outage of MongoDB delays the copy and loses nothing.
package struct MirrorService: Service {
    let database: Database
    let mongo: MongoClient
    let messages: MessageStore
    let clock: Clock
    let signal: Signal
    let counters: MirrorMetrics
    let logger: Logger

    static let batch = 500
    /// The revision in the mark of a message that was erased: newer than any.
    static let erased = Int64.max
    /// How long one gateway's claim on marks keeps others from doing the same work. Doing it twice does no harm, and what
    /// a gateway had in hand when it was killed waits this long.
    private static let claim: Milliseconds = 5 * .second
    /// Between two tries of a document that MongoDB refuses, at most.
    private static let longestWait: Milliseconds = 5 * .minute
    /// A mark that is due later than any is ever set: the clock was set back since, and the mark is due now.
    private static let beyondReason: Milliseconds = 2 * longestWait
    private static let poll: Duration = .seconds(1)
    private static let longestPause: Duration = .seconds(3)

    struct Mark: Sendable {
        let collection: MirrorCollection
        let id: MessageID
        /// The message's own at the time of the mark.
        let revision: Int64
        let failures: Int64
    }

    /// A document that MongoDB refused.
    struct Place: Hashable {
        let collection: MirrorCollection
        let id: MessageID
    }

    package func run() async throws {
        var isReady = false
        var failures = 0
        await repeatUntilStopped(waking: signal) { _ in
            do {
                if !isReady {
                    try await prepare()
                    isReady = true
                }
                let count = try await drain()
                failures = 0
                if count < Self.batch { await signal.wait(atMost: Self.poll) }
            } catch {
                failures += 1
                logger.warning("mirror waits", metadata: ["cause": "\(Self.cause(error))"])
                await signal.wait(atMost: min(Self.longestPause, .milliseconds(250 << min(failures, 4))))
            }
        }
    }

    /// Makes collections' indexes; they are the same on every start.
    func prepare() async throws {
        for collection in MirrorCollection.allCases {
            try await mongo.ensureIndexes(collection.indexes, on: collection.rawValue)
        }
    }

    /// Copies one batch.
    /// - Returns: how many marks were taken up.
    func drain() async throws -> Int {
        let marks = try await take()
        guard !marks.isEmpty else { return 0 }
        do {
            let now = clock.now()
            let ids = marks.map(\.id)
            let found = try await database.read { session in try messages.find(ids, session) }
            let known = Dictionary(uniqueKeysWithValues: found.map { ($0.messageID, $0) })
            var failed: [Place: String] = [:]
            for collection in MirrorCollection.allCases {
                // What has outlived its time is being removed from both stores: it must not come back to one.
                let wanted = marks.filter { $0.collection == collection }.compactMap { known[$0.id] }
                    .filter { $0.expiresAt > now }
                let failures = try await mongo.upsertNewest(
                    wanted.map(collection.document), into: collection.rawValue)
                for failure in failures {
                    failed[Place(collection: collection, id: wanted[failure.index].messageID)] = failure.message
                }
            }
            try await erase(marks, copied: ids)
            try await finish(marks, failed)
            counters.copied.increment(by: marks.count - failed.count)
            counters.failed.increment(by: failed.count)
        } catch {
            await release(marks)
            throw error
        }
        return marks.count
    }

    /// Takes out what was erased: by its mark, and what was erased while it was just being copied. The mark stays for
    /// another time, as the copier may be another gateway that stops before it comes here.
    private func erase(_ marks: [Mark], copied ids: [MessageID]) async throws {
        let left = try await database.read { session in Set(try messages.find(ids, session).map(\.messageID)) }
        for collection in MirrorCollection.allCases {
            let gone = marks.filter { $0.collection == collection && !left.contains($0.id) }.map(\.id.rawValue)
            if !gone.isEmpty { _ = try await mongo.delete(ids: gone, from: collection.rawValue) }
        }
    }

    func take() async throws -> [Mark] {
        let now = clock.now()
        return try await database.transaction { session in
            try session.query(
                """
                UPDATE mirror_outbox SET run_at = $1
                WHERE (collection, message_id) IN (
                    SELECT collection, message_id FROM mirror_outbox WHERE run_at <= $2 OR run_at > $4
                    ORDER BY run_at, queued_at LIMIT $3 {for update skip locked})
                RETURNING collection, message_id, revision, failures
                """,
                [
                    .integer(now + Self.claim), .integer(now), .integer(Int64(Self.batch)),
                    .integer(now + Self.beyondReason),
                ]
            ).compactMap { row in
                guard let collection = MirrorCollection(rawValue: try row.text("collection")) else { return nil }
                return Mark(
                    collection: collection, id: MessageID(rawValue: try row.text("message_id")),
                    revision: try row.integer("revision"), failures: try row.integer("failures"))
            }
        }
    }

    /// Forgets what was copied, unless it changed in the meantime; what MongoDB refused is tried again later.
    func finish(_ marks: [Mark], _ failed: [Place: String]) async throws {
        var copied = Self.rows
        var refused = Self.rows
        let now = clock.now()
        for mark in marks {
            let reason = failed[Place(collection: mark.collection, id: mark.id)]
            let wait = min(Self.longestWait, (10 * .second) << min(mark.failures, 9))
            let row: [SQLValue] = [
                .text(mark.collection.rawValue), .text(mark.id.rawValue), .integer(mark.revision), .integer(now + wait),
                MessageColumns.text(reason),
            ]
            let isAgain = mark.revision == Self.erased && mark.failures == 0
            if reason != nil || isAgain { refused.append(row) } else { copied.append(row) }
        }
        let (done, again) = (copied, refused)
        for (place, reason) in failed {
            logger.error(
                "MongoDB refuses a document",
                metadata: [
                    "collection": "\(place.collection.rawValue)", "message.id": "\(place.id.rawValue)",
                    "cause": "\(reason)",
                ])
        }
        try await database.transaction { session in
            _ = try session.batch(
                """
                DELETE FROM mirror_outbox WHERE (collection, message_id, revision) IN
                    (SELECT r.collection, r.message_id, r.revision FROM {rows})
                """, done)
            _ = try session.batch(
                """
                UPDATE mirror_outbox SET failures = failures + 1, run_at = r.run_at, last_error = r.error FROM {rows}
                WHERE mirror_outbox.collection = r.collection AND mirror_outbox.message_id = r.message_id
                AND mirror_outbox.revision = r.revision
                """, again)
        }
    }

    private func release(_ marks: [Mark]) async {
        var rows = Self.rows
        for mark in marks {
            rows.append([
                .text(mark.collection.rawValue), .text(mark.id.rawValue), .integer(mark.revision), .integer(0), .null,
            ])
        }
        let released = rows
        // Losing this is safe: the claim lapses by itself.
        try? await database.transaction { session in
            _ = try session.batch(
                """
                UPDATE mirror_outbox SET run_at = 0 FROM {rows}
                WHERE mirror_outbox.collection = r.collection AND mirror_outbox.message_id = r.message_id
                """, released)
        }
    }

    private static var rows: SQLRows {
        SQLRows([
            ("collection", .text), ("message_id", .text), ("revision", .bigint), ("run_at", .bigint), ("error", .text),
        ])
    }

    /// How many documents wait, and since when the oldest does.
    func lag() async throws -> (documents: Int, seconds: Double) {
        let now = clock.now()
        return try await database.read { session in
            let row = try session.query("SELECT COUNT(*) AS waiting, MIN(queued_at) AS oldest FROM mirror_outbox").first
            let oldest = try row?.integerOrNil("oldest") ?? now
            return (Int(try row?.integer("waiting") ?? 0), Double(max(0, now - oldest)) / 1000)
        }
    }

    /// What MongoDB refused at its last try, by collection and room.
    func refused() async throws -> [RefusedDocument] {
        try await database.read { session in
            try session.query(
                """
                SELECT o.collection, o.message_id, o.failures, o.last_error,
                    COALESCE(w.room_name, c.room_name) AS room_name
                FROM mirror_outbox o LEFT JOIN whatsapp_messages w ON w.message_id = o.message_id
                LEFT JOIN chat_messages c ON c.message_id = o.message_id
                WHERE o.last_error IS NOT NULL AND COALESCE(w.room_name, c.room_name) IS NOT NULL
                ORDER BY o.collection, room_name, o.message_id
                """
            ).map { row in
                RefusedDocument(
                    collection: try row.text("collection"), room: try row.text("room_name"),
                    id: try row.text("message_id"), reason: try row.text("last_error"),
                    failures: try row.integer("failures"))
            }
        }
    }

    private static func cause(_ error: any Error) -> String {
        if let error = error as? MongoError { return error.message }
        let error = GatewayError(wrapping: error)
        return error.cause ?? error.message
    }
}

/// What the mirror counts.
struct MirrorMetrics: Sendable {
    let copied: Counter
    let failed: Counter
    let lag: Gauge

    init(_ metrics: Metrics) {
        copied = metrics.counter("vestibule_mirror_documents_total", help: "Documents brought up to date in MongoDB.")
        failed = metrics.counter("vestibule_mirror_refused_total", help: "Documents that MongoDB refused.")
        lag = metrics.gauge("vestibule_mirror_lag_seconds", help: "Age of the oldest change that MongoDB lacks.")
    }
}
