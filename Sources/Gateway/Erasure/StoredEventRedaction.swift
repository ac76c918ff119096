import Crypto
import JSON
import SQL

/// Takes what was erased out of the stored raw bodies. Its job is inserted with the erasure, so that it is done even if
/// whoever erases is interrupted; it is not done in that transaction, which holds the rooms, as there may be many bodies.
struct StoredEventRedaction: JobHandler {
    let database: Database

    private static let page: Int64 = 100
    /// Whoever erases has done it by then, or else it is left to the job.
    private static let patience: Milliseconds = 300_000

    /// - Parameter first: when the first body can have come that holds any of it.
    static func job(_ redaction: RawEventRedaction, since first: Milliseconds, at now: Milliseconds) -> Job {
        func list(_ texts: Set<String>) -> JSON { .array(texts.sorted().map(JSON.string)) }
        var payload: JSONObject = [
            "keys": list(redaction.keys), "people": list(redaction.people), "since": .integer(first),
        ]
        payload["numberIds"] = redaction.numberIDs.map(list)
        return Job(
            kind: .redactEvents, account: .default, lane: "redaction:\(MediaName.random())", position: 0,
            payload: .object(payload), runAt: now + patience, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        try await run([job])
        return .done
    }

    /// All of them with one look at each body, where they are of one erasure.
    func run(_ jobs: [Job]) async throws {
        func all(_ key: String) -> Set<String> {
            Set(jobs.flatMap { $0.payload[key]?.array?.compactMap(\.string) ?? [] })
        }
        guard let first = jobs.compactMap({ $0.payload["since"]?.int }).min() else { return }
        let isOfAll = jobs.allSatisfy { $0.payload["numberIds"] == nil }
        let redaction = RawEventRedaction(
            keys: all("keys"), people: all("people"), numberIDs: isOfAll ? nil : all("numberIds"))
        var cursor = (time: first - 1, id: "")
        while true {
            let last = cursor
            let (found, next) = try await database.read { session in try look(redaction, after: last, session) }
            if !found.isEmpty {
                try await database.transaction { session in
                    for id in found { try redact(id, redaction, session) }
                }
            }
            guard let next else { return }
            cursor = next
        }
    }

    /// - Returns: the bodies of a page that hold any of it, and where the next page begins.
    private func look(
        _ redaction: RawEventRedaction, after cursor: (time: Milliseconds, id: String), _ session: SQLSession
    ) throws -> (found: [String], next: (time: Milliseconds, id: String)?) {
        let rows = try session.query(
            """
            SELECT event_id, received_at, body FROM webhook_events
            WHERE received_at > $1 OR (received_at = $1 AND event_id > $2)
            ORDER BY received_at, event_id LIMIT $3
            """, [.integer(cursor.time), .text(cursor.id), .integer(Self.page)])
        let found = try rows.filter { row in
            let body = try row.bytes("body")
            return redaction.redacted(body) != body
        }.map { try $0.text("event_id") }
        guard rows.count == Int(Self.page), let last = rows.last else { return (found, nil) }
        return (found, (try last.integer("received_at"), try last.text("event_id")))
    }

    /// Another erasure may have changed the body since.
    private func redact(_ id: String, _ redaction: RawEventRedaction, _ session: SQLSession) throws {
        let rows = try session.query(
            "SELECT body FROM webhook_events WHERE event_id = $1 {for update}", [.text(id)])
        guard let before = try rows.first?.bytes("body") else { return }
        let body = redaction.redacted(before)
        if body == before { return }
        let digest = body.map { SHA256.hash(data: $0).hexadecimal } ?? ""
        let isKnown = try !session.query(
            "SELECT event_id FROM webhook_events WHERE body_sha256 = $1", [.text(digest)]
        ).isEmpty
        guard let body, !isKnown else {
            _ = try session.execute("DELETE FROM webhook_events WHERE event_id = $1", [.text(id)])
            return
        }
        _ = try session.execute(
            "UPDATE webhook_events SET body = $2, body_sha256 = $3 WHERE event_id = $1",
            [.text(id), .bytes(body), .text(digest)])
    }
}
