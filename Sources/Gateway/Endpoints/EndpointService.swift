import JSON
import SQL

/// What a caller says of an endpoint; nil leaves a field as it is, or as it is by itself.
package struct EndpointChange: Sendable {
    package var url: String?
    package var secret: EndpointSecret?
    /// Empty for all types.
    package var types: Set<String>?
    /// Only when it is made; nil for all accounts.
    package var account: AccountID?
    package var isActive: Bool?

    package init() {}
}

/// Endpoints as their owners see and handle them.
package struct EndpointService: Sendable {
    /// One gateway asks all of them at every event.
    package static let most: Int64 = 100

    let database: Database
    let delivery: DeliveryJob
    let clock: Clock
    /// There may be something to tell.
    let wake: @Sendable () -> Void

    package func list() async throws(GatewayError) -> [Endpoint] {
        try await asking { session in
            try session.query("SELECT * FROM webhook_endpoints ORDER BY endpoint_id").map(Endpoint.init)
        }
    }

    /// - Throws: `.notFound`.
    package func find(_ id: String) async throws(GatewayError) -> Endpoint {
        try await asking { session in try Self.required(id, session) }
    }

    /// It is told what happens from now on.
    package func create(_ change: EndpointChange) async throws(GatewayError) -> Endpoint {
        let now = clock.now()
        let secret = if let secret = change.secret { secret } else { try EndpointSecret.make() }
        let id = "ep_" + TimeOrderedID.make(at: now)
        return try await changing { session in
            let count = try session.query("SELECT COUNT(*) AS n FROM webhook_endpoints").first?.integer("n") ?? 0
            guard count < Self.most else {
                throw GatewayError(.conflict, "there are \(Self.most) endpoints already; remove one")
            }
            _ = try session.execute(
                """
                INSERT INTO webhook_endpoints
                    (endpoint_id, url, secret, events, account_id, position, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
                """,
                [
                    .text(id), .text(change.url ?? ""), .text(secret.text), Self.json(change.types ?? []),
                    SQLValue(change.account?.rawValue), .integer(try EventLog.last(session)), .integer(now),
                ])
            return try Self.required(id, session)
        }
    }

    /// An endpoint that is made active again is told everything since it was disabled, as far as it is kept.
    package func update(_ id: String, _ change: EndpointChange) async throws(GatewayError) -> Endpoint {
        let now = clock.now()
        let endpoint = try await changing { session in
            let known = try Self.required(id, session, lock: true)
            let isActive = change.isActive ?? (known.state == .active)
            _ = try session.execute(
                """
                UPDATE webhook_endpoints SET url = $2, secret = $3, events = $4, state = $5, disabled_reason = $6,
                    failing_since = $7, updated_at = $8
                WHERE endpoint_id = $1
                """,
                [
                    .text(id), .text(change.url ?? known.url), .text((change.secret ?? known.secret).text),
                    Self.json(change.types ?? known.types),
                    .text((isActive ? Endpoint.State.active : .disabled).rawValue),
                    SQLValue(isActive ? nil : known.disabledReason ?? "by its owner"),
                    SQLValue(change.isActive == true ? nil : known.failingSince), .integer(now),
                ])
            return try Self.required(id, session)
        }
        wake()
        return endpoint
    }

    package func remove(_ id: String) async throws(GatewayError) {
        try await changing { session in
            _ = try Self.required(id, session, lock: true)
            _ = try session.execute("DELETE FROM webhook_endpoints WHERE endpoint_id = $1", [.text(id)])
        }
    }

    /// Everything since then is told again, with the ids it had.
    package func replay(_ id: String, since: Milliseconds) async throws(GatewayError) -> Endpoint {
        let endpoint = try await changing { session in
            let known = try Self.required(id, session, lock: true)
            let first = try session.query(
                "SELECT MIN(position) AS position FROM events WHERE timestamp >= $1", [.integer(since)]
            ).first?.integerOrNil("position")
            _ = try session.execute(
                "UPDATE webhook_endpoints SET position = $2 WHERE endpoint_id = $1",
                [.text(id), .integer(min(known.position, (first ?? .max) - 1))])
            return try Self.required(id, session)
        }
        wake()
        return endpoint
    }

    /// Says something at once that is no event, and what came of it.
    package func test(_ id: String) async throws(GatewayError) -> DeliveryOutcome {
        await delivery.test(try await find(id))
    }

    /// The newest first.
    package func deliveries(
        _ id: String, before: String?, limit: Int
    ) async throws(GatewayError) -> [EndpointDelivery] {
        try await asking { session in
            _ = try Self.required(id, session)
            return try session.query(
                """
                SELECT * FROM webhook_deliveries WHERE endpoint_id = $1 AND ($2 = '' OR delivery_id < $2)
                ORDER BY delivery_id DESC LIMIT $3
                """, [.text(id), .text(before ?? ""), .integer(Int64(limit))]
            ).map(EndpointDelivery.init)
        }
    }

    private static func json(_ types: Set<String>) -> SQLValue {
        types.isEmpty ? .null : MessageColumns.json(.array(types.sorted().map(JSON.string)))
    }

    private static func required(_ id: String, _ session: SQLSession, lock: Bool = false) throws -> Endpoint {
        guard let endpoint = try Endpoint.find(id, session, lock: lock) else {
            throw GatewayError(.notFound, "there is no endpoint of that id")
        }
        return endpoint
    }

    private func asking<Value: Sendable>(
        _ body: @Sendable (SQLSession) throws -> Value
    ) async throws(GatewayError) -> Value {
        do { return try await database.read(body) } catch { throw GatewayError(wrapping: error) }
    }

    private func changing<Value: Sendable>(
        _ body: @Sendable (SQLSession) throws -> Value
    ) async throws(GatewayError) -> Value {
        do { return try await database.transaction(body) } catch { throw GatewayError(wrapping: error) }
    }
}
