import SQL

/// The raw bodies, each once; a body that Meta delivers again only raises its count.
enum WebhookEvents {
    static func record(
        _ webhooks: [ReceivedWebhook], _ outcomes: [WebhookOutcome], _ session: SQLSession
    ) throws {
        var deliveries: [String: Int64] = [:]
        for webhook in webhooks { deliveries[webhook.digest, default: 0] += webhook.isReplay ? 0 : 1 }
        var rows = SQLRows([
            ("id", .text), ("digest", .text), ("body", .bytes), ("received_at", .bigint), ("deliveries", .bigint),
            ("state", .text), ("items", .bigint), ("reason", .text),
        ])
        for (webhook, outcome) in zip(webhooks, outcomes) {
            guard let count = deliveries.removeValue(forKey: webhook.digest) else { continue }
            rows.append([
                .text(TimeOrderedID.make(at: webhook.receivedAt)), .text(webhook.digest), .bytes(webhook.body),
                .integer(webhook.receivedAt), .integer(count), .text(outcome.state.rawValue),
                .integer(Int64(outcome.items)), MessageColumns.text(outcome.reason),
            ])
        }
        _ = try session.batch(
            """
            INSERT INTO webhook_events (event_id, body_sha256, body, received_at, deliveries, state, items, reason)
            SELECT r.id, r.digest, r.body, r.received_at, r.deliveries, r.state, r.items, r.reason
            FROM {rows} WHERE true
            ON CONFLICT (body_sha256) DO UPDATE SET
                deliveries = webhook_events.deliveries + excluded.deliveries, state = excluded.state,
                reason = excluded.reason
            """, rows)
    }

    /// Keeps a body that could not be brought in, so that it can be looked at and replayed.
    static func recordFailure(_ webhook: ReceivedWebhook, reason: String, _ session: SQLSession) throws {
        try record([webhook], [WebhookOutcome(problem: reason, items: webhook.webhook.items.count)], session)
    }
}
