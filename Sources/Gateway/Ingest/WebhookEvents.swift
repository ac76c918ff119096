import SQL

/// The raw bodies, each once; a body that Meta delivers again only raises its count. A replay makes none: one that was
/// purged while it was being replayed stays away.
enum WebhookEvents {
    /// - Parameter erased: what may not be kept of them.
    static func record(
        _ webhooks: [ReceivedWebhook], _ outcomes: [WebhookOutcome], without erased: Set<MessageIdentity> = [],
        _ session: SQLSession
    ) throws {
        if !erased.isEmpty {
            let redaction = RawEventRedaction(keys: Set(erased.map(\.key)))
            let kept = zip(webhooks, outcomes).compactMap { webhook, outcome in
                webhook.isReplay ? (webhook, outcome) : webhook.redacted(by: redaction).map { ($0, outcome) }
            }
            return try record(kept.map(\.0), kept.map(\.1), session)
        }
        var deliveries: [String: Int64] = [:]
        for webhook in webhooks where !webhook.isReplay { deliveries[webhook.digest, default: 0] += 1 }
        var again = SQLRows([("digest", .text), ("state", .text), ("reason", .text)])
        var rows = SQLRows([
            ("id", .text), ("digest", .text), ("body", .bytes), ("received_at", .bigint), ("deliveries", .bigint),
            ("state", .text), ("items", .bigint), ("reason", .text),
        ])
        for (webhook, outcome) in zip(webhooks, outcomes) {
            if webhook.isReplay {
                again.append([
                    .text(webhook.digest), .text(outcome.state.rawValue), MessageColumns.text(outcome.reason),
                ])
                continue
            }
            guard let count = deliveries.removeValue(forKey: webhook.digest) else { continue }
            rows.append([
                .text(TimeOrderedID.make(at: webhook.receivedAt)), .text(webhook.digest), .bytes(webhook.body),
                .integer(webhook.receivedAt), .integer(count), .text(outcome.state.rawValue),
                .integer(Int64(outcome.items)), MessageColumns.text(outcome.reason),
            ])
        }
        try session.send(
            """
            INSERT INTO webhook_events (event_id, body_sha256, body, received_at, deliveries, state, items, reason)
            SELECT r.id, r.digest, r.body, r.received_at, r.deliveries, r.state, r.items, r.reason
            FROM {rows} WHERE true
            ON CONFLICT (body_sha256) DO UPDATE SET
                deliveries = webhook_events.deliveries + excluded.deliveries, state = excluded.state,
                reason = excluded.reason
            """, rows)
        _ = try session.batch(
            """
            UPDATE webhook_events SET state = r.state, reason = r.reason FROM {rows}
            WHERE webhook_events.body_sha256 = r.digest
            """, again)
    }

    /// When those of these bodies that are known came first.
    static func arrivals(of digests: Set<String>, _ session: SQLSession) throws -> [String: Milliseconds] {
        var rows = SQLRows([("digest", .text)])
        for digest in digests { rows.append([.text(digest)]) }
        let found = try session.batch(
            "SELECT r.digest, e.received_at FROM {rows} JOIN webhook_events e ON e.body_sha256 = r.digest", rows)
        return Dictionary(
            uniqueKeysWithValues: try found.map { (try $0.text("digest"), try $0.integer("received_at")) })
    }

    /// Keeps a body that could not be brought in, so that it can be looked at and replayed.
    static func recordFailure(_ webhook: ReceivedWebhook, reason: String, _ session: SQLSession) throws {
        try record([webhook], [WebhookOutcome(problem: reason, items: webhook.webhook.items.count)], session)
    }
}
