import JSON
import SQL

/// What a caller says of an endpoint; nil leaves a field as it is, or as it is by itself.
package struct EndpointChange: Sendable {
    package var url: String?
    /// Only when it is made.
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
    let box: SecretBox
    let clock: Clock
    /// There may be something to tell.
    let wake: @Sendable () -> Void

    package func list() async throws(GatewayError) -> [Endpoint] {
        try await asking { session in
            try session.query("SELECT * FROM webhook_endpoints ORDER BY endpoint_id").map(Endpoint.init)
        }
    }

    /// How many there are in each state; of the active ones those apart that take nothing just now.
    func counts() async throws(GatewayError) -> [String: Int] {
        var counts = ["active": 0, "failing": 0, "disabled": 0]
        for endpoint in try await list() {
            let isFailing = endpoint.state == .active && endpoint.health.failingSince != nil
            counts[isFailing ? "failing" : endpoint.state.rawValue, default: 0] += 1
        }
        return counts
    }

    /// - Throws: `.notFound`.
    package func find(_ id: String) async throws(GatewayError) -> Endpoint {
        try await asking { session in try Self.required(id, session) }
    }

    /// It is told what happens from now on.
    /// - Returns: with its secret, which can't be had again.
    /// - Throws: `.invalid` for an address that nothing may be sent to; `.notFound` for an unknown account; `.conflict`
    ///   when there are too many.
    package func create(
        _ change: EndpointChange
    ) async throws(GatewayError) -> (endpoint: Endpoint, secret: EndpointSecret) {
        let now = clock.now()
        let url = change.url ?? ""
        try check(url)
        let secret = change.secret ?? EndpointSecret()
        let id = "ep_" + TimeOrderedID.make(at: now)
        let endpoint = try await changing { session in
            let count = try session.query("SELECT COUNT(*) AS n FROM webhook_endpoints").first?.integer("n") ?? 0
            guard count < Self.most else {
                throw GatewayError(.conflict, "there are \(Self.most) endpoints already; remove one")
            }
            if let account = change.account {
                let known = try session.query(
                    "SELECT 1 AS one FROM tenant_whatsapp_config WHERE account_id = $1", [.text(account.rawValue)])
                guard !known.isEmpty else { throw GatewayError(.notFound, "no account has this name") }
            }
            _ = try session.execute(
                """
                INSERT INTO webhook_endpoints
                    (endpoint_id, url, secret, events, account_id, position, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
                """,
                [
                    .text(id), .text(url), .text(try box.seal(secret.text, of: id)), Self.json(change.types ?? []),
                    SQLValue(change.account?.rawValue), .integer(try EventLog.last(session)), .integer(now),
                ])
            return try Self.required(id, session)
        }
        return (endpoint, secret)
    }

    /// An endpoint that is made active again is told everything that it was not told, as far as it is kept: what it
    /// failed on before it was disabled, and what happened since.
    package func update(_ id: String, _ change: EndpointChange) async throws(GatewayError) -> Endpoint {
        let now = clock.now()
        if let url = change.url { try check(url) }
        let endpoint = try await changing { session in
            let known = try Self.required(id, session, lock: true)
            let isActive = change.isActive ?? (known.state == .active)
            _ = try session.execute(
                """
                UPDATE webhook_endpoints SET url = $2, events = $3, state = $4, disabled_reason = $5, updated_at = $6
                WHERE endpoint_id = $1
                """,
                [
                    .text(id), .text(change.url ?? known.url), Self.json(change.types ?? known.types),
                    .text((isActive ? Endpoint.State.active : .disabled).rawValue),
                    SQLValue(isActive ? nil : known.disabledReason ?? "by its owner"), .integer(now),
                ])
            // Whoever says so, or moves it, has seen to it: it is tried at once.
            if change.isActive == true || change.url != nil {
                _ = try session.execute(
                    "UPDATE webhook_endpoints SET failing_since = NULL, retry_at = NULL WHERE endpoint_id = $1",
                    [.text(id)])
                if isActive { try DeliveryJob.letGo(id, anew: true, at: now, session) }
            }
            return try Self.required(id, session)
        }
        wake()
        delivery.wake()
        return endpoint
    }

    /// A new secret, which can't be had again; the one before it signs beside it for a day.
    package func rotate(
        _ id: String, to given: EndpointSecret?
    ) async throws(GatewayError) -> (endpoint: Endpoint, secret: EndpointSecret) {
        let now = clock.now()
        let secret = given ?? EndpointSecret()
        let endpoint = try await changing { session in
            _ = try Self.required(id, session, lock: true)
            try EndpointSecrets.replace(of: id, with: secret, at: now, box, session)
            return try Self.required(id, session)
        }
        return (endpoint, secret)
    }

    /// With its log, and what it was still to be told.
    package func remove(_ id: String) async throws(GatewayError) {
        try await changing { session in
            _ = try Self.required(id, session, lock: true)
            // A delivery that ends just now has its job, and then refers to the endpoint.
            try DeliveryJob.remove(of: id, isDead: false, session)
            _ = try session.execute("DELETE FROM webhook_endpoints WHERE endpoint_id = $1", [.text(id)])
        }
    }

    /// Everything since then is told again, with the ids it had; what was given up is among it.
    package func replay(_ id: String, since: Milliseconds) async throws(GatewayError) -> Endpoint {
        let endpoint = try await changing { session in
            let known = try Self.required(id, session, lock: true)
            let first = try session.query(
                "SELECT MIN(position) AS position FROM events WHERE timestamp >= $1", [.integer(since)]
            ).first?.integerOrNil("position")
            _ = try session.execute(
                "UPDATE webhook_endpoints SET position = $2 WHERE endpoint_id = $1",
                [.text(id), .integer(min(known.position, (first ?? .max) - 1))])
            try DeliveryJob.remove(of: id, isDead: true, session)
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

    /// What can be judged before its name is resolved.
    private func check(_ url: String) throws(GatewayError) {
        guard delivery.post.address.permits(url: url) else {
            throw GatewayError(
                .invalid,
                "`url` must lead to a public address on port 80, 443, 8080 or 8443; MEDIA_FETCH_ALLOW lets hosts through",
                data: ["field": "url"])
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
