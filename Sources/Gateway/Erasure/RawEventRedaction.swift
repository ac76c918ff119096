import Crypto
import JSON
import SQL
import WhatsApp

/// Takes what was erased out of the raw bodies of webhooks, which may hold what others wrote as well.
struct RawEventRedaction {
    /// Ids of Meta's and keys of items that have none.
    let keys: Set<String>
    /// The customer's numbers and ids, where all that is theirs goes.
    var people: Set<String> = []

    /// - Returns: nil when nothing is left that anybody could bring in.
    func redacted(_ body: [UInt8]) -> [UInt8]? {
        // What can't be read was never brought in by its items.
        guard let json = try? JSON(parsing: body, mode: .lenient) else { return nil }
        let redacted = self.redacted(json)
        guard redacted != json else { return body }
        let bytes = redacted.encoded()
        return Webhook.parse(bytes).items.isEmpty ? nil : bytes
    }

    private func redacted(_ value: JSON) -> JSON {
        switch value {
        case .array(let items): .array(items.filter { !isErased($0) }.map(redacted))
        case .object(let object): Self.withoutOrphans(object, JSONObject(object.map { ($0.key, redacted($0.value)) }))
        default: value
        }
    }

    /// The cards of people stand beside what they wrote: one that nothing else refers to any more goes, too.
    private static func withoutOrphans(_ before: JSONObject, _ after: JSONObject) -> JSON {
        guard after != before, let cards = after["contacts"]?.array else { return .object(after) }
        var rest = after
        rest["contacts"] = nil
        let text = JSON.object(rest).text
        rest["contacts"] = .array(
            cards.filter { card in
                [card["wa_id"], card["user_id"]].contains { $0?.string.map { text.contains("\"\($0)\"") } ?? false }
            })
        return .object(rest)
    }

    private static let authors = [
        "from", "to", "wa_id", "user_id", "from_user_id", "to_user_id", "recipient_id", "recipient_user_id",
    ]

    /// An item of a list: a message, a status, a change, a card.
    private func isErased(_ item: JSON) -> Bool {
        guard item.object != nil else { return false }
        let ids = [
            item["id"], item["reaction"]?["message_id"], item["edit"]?["original_message_id"],
            item["revoke"]?["original_message_id"],
        ]
        if ids.contains(where: { $0?.string.map(keys.contains) ?? false }) { return true }
        if !people.isEmpty, Self.authors.contains(where: { item[$0]?.string.map(people.contains) ?? false }) {
            return true
        }
        return item["id"] == nil && keys.contains("sha256:" + SHA256.hash(data: item.encoded()).hexadecimal)
    }

    // MARK: Stored bodies

    private static let page: Int64 = 200

    /// Goes through the bodies that may hold any of it.
    /// - Parameter first: when the first of them can have come.
    func redactStored(since first: Milliseconds, in database: Database) async throws {
        var cursor = (time: first - 1, id: "")
        while true {
            let last = cursor
            let next = try await database.transaction { session in try redactPage(after: last, session) }
            guard let next else { return }
            cursor = next
        }
    }

    private func redactPage(
        after cursor: (time: Milliseconds, id: String), _ session: SQLSession
    ) throws -> (time: Milliseconds, id: String)? {
        let rows = try session.query(
            """
            SELECT event_id, received_at, body FROM webhook_events
            WHERE received_at > $1 OR (received_at = $1 AND event_id > $2)
            ORDER BY received_at, event_id LIMIT $3 {for update}
            """, [.integer(cursor.time), .text(cursor.id), .integer(Self.page)])
        for row in rows {
            let body = try row.bytes("body")
            let kept = redacted(body)
            if kept == body { continue }
            try Self.replace(try row.text("event_id"), by: kept, session)
        }
        guard rows.count == Int(Self.page), let last = rows.last else { return nil }
        return (try last.integer("received_at"), try last.text("event_id"))
    }

    private static func replace(_ id: String, by body: [UInt8]?, _ session: SQLSession) throws {
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
