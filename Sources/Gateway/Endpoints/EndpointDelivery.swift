import JSON
import SQL

/// What came of one try to tell an endpoint something.
package struct DeliveryOutcome: Sendable {
    package var status: Int?
    package var error: String?
    package let duration: Duration
    /// What the endpoint's answer asks to be said, where it can be read.
    var reply: JSON?

    package var isDelivered: Bool { error == nil && (200..<300).contains(status ?? 0) }
    /// It says that nobody is there any more (410).
    var isGone: Bool { status == 410 }
    var reason: String { error ?? "it answered \(status ?? 0)" }

    package var json: JSON {
        var object: JSONObject = ["delivered": .bool(isDelivered), "durationMs": .integer(duration.milliseconds)]
        object["status"] = status.map { .integer(Int64($0)) }
        object["error"] = isDelivered ? nil : .string(reason)
        return .object(object)
    }
}

/// The same as a row of the log, which holds nothing of what was told.
package struct EndpointDelivery: Sendable {
    package enum Outcome: String, Sendable {
        case delivered, retried, failed
    }

    package let id: String
    package let json: JSON

    init(_ row: SQLRow) throws {
        id = try row.text("delivery_id")
        var object: JSONObject = [
            "id": .string(id), "eventId": .string(try row.text("event_id")),
            "type": .string(try row.text("event_type")),
            "attempt": .integer(try row.integer("attempt")), "outcome": .string(try row.text("outcome")),
        ]
        object["room"] = try row.textOrNil("room_name").map(JSON.string)
        object["status"] = try row.integerOrNil("status").map(JSON.integer)
        object["error"] = try row.textOrNil("error").map(JSON.string)
        if let message = try row.textOrNil("reply_message_id") {
            object["reply"] = ["messageId": .string(message)]
        } else if let error = try row.textOrNil("reply_error") {
            object["reply"] = ["error": .string(error)]
        }
        object["durationMs"] = .integer(try row.integer("duration_ms"))
        object["createdAt"] = .string(try row.integer("created_at").iso8601)
        json = .object(object)
    }

    static func record(
        _ outcome: DeliveryOutcome, as kind: Outcome, of event: Event, to endpoint: String, attempt: Int,
        reply: EndpointReplies.Result?, at now: Milliseconds, _ session: SQLSession
    ) throws {
        let said: (id: SQLValue, error: SQLValue) =
            switch reply {
            case nil: (.null, .null)
            case .said(let id): (.text(id.rawValue), .null)
            case .refused(let words), .later(let words): (.null, text(words))
            }
        // An endpoint that was removed meanwhile has no log any more.
        _ = try session.execute(
            """
            INSERT INTO webhook_deliveries (delivery_id, endpoint_id, event_id, event_type, room_name, attempt, outcome,
                status, error, duration_ms, created_at, reply_message_id, reply_error)
            SELECT $1, endpoint_id, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13
            FROM webhook_endpoints WHERE endpoint_id = $2
            """,
            [
                .text(TimeOrderedID.make(at: now)), .text(endpoint), .text(event.id), .text(event.type),
                SQLValue(event.room?.rawValue), .integer(Int64(attempt)), .text(kind.rawValue),
                SQLValue(outcome.status.map(Int64.init)), outcome.isDelivered ? .null : text(outcome.reason),
                .integer(outcome.duration.milliseconds), .integer(now), said.id, said.error,
            ])
    }

    private static func text(_ words: String) -> SQLValue { MessageColumns.text(String(words.prefix(500))) }

    /// What was told of a room, and what is still to be told.
    static func erase(room: RoomName, _ session: SQLSession) throws {
        // Whoever is just making jobs of what happened in the room ends first.
        _ = try session.query("SELECT endpoint_id FROM webhook_endpoints ORDER BY endpoint_id {for no key update}")
        // The jobs before the log: a delivery that ends just now ends its job first, and then notes itself.
        _ = try session.execute(
            "DELETE FROM jobs WHERE lane IN (SELECT endpoint_id || ':' || $1 FROM webhook_endpoints)",
            [.text(room.rawValue)])
        _ = try session.execute("DELETE FROM webhook_deliveries WHERE room_name = $1", [.text(room.rawValue)])
    }
}
