import Fetch
import JSON
import Logging
import SQL

/// Tells one endpoint of one event, over and over for three days. The lane is the endpoint and the room, so that events
/// of a room arrive in their order, and one room's do not wait for another's.
struct DeliveryJob: JobHandler {
    /// Before the second try, the third, and so on; about three days in all.
    static let waits: [Duration] = [
        .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(1800), .seconds(3600), .seconds(7200),
        .seconds(14_400), .seconds(28_800), .seconds(43_200), .seconds(43_200), .seconds(57_600), .seconds(57_600),
    ]
    /// An endpoint that fails for this long is disabled.
    static let patience: Milliseconds = 3 * .day
    private static let timeout: Duration = .seconds(15)
    private static let answerLimit = 64 * 1024

    let database: Database
    let events: EventReader
    let fetch: FetchClient
    /// Hosts that the address guard lets through, from the settings.
    let allowedHosts: [String]
    let outbound: OutboundService
    /// How an endpoint's reply is read: as a message into a room.
    let draft: @Sendable (JSON) throws -> Draft
    let clock: Clock
    let logger: Logger

    static func job(
        endpoint: String, position: Int64, room: String?, account: AccountID, at now: Milliseconds
    ) -> Job {
        Job(
            kind: .deliverEvent, account: account, lane: "\(endpoint):\(room ?? "")", position: position,
            payload: ["endpoint": .string(endpoint), "event": .integer(position)], runAt: now, createdAt: now)
    }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["endpoint"]?.string, let position = job.payload["event"]?.int else {
            return .giveUp(reason: "the job names no event")
        }
        let endpoint = try await database.read { session in try Endpoint.find(id, session) }
        // Events of a message that is gone, or too old to be kept, have nothing to tell any more.
        let page = try await events.read(after: position - 1, limit: 1)
        guard let endpoint, let event = page.events.first, event.position == position else { return .done }
        guard endpoint.state == .active else { return .giveUp(reason: "the endpoint is disabled") }
        let outcome = await post(event.encoded, id: event.id, to: endpoint)
        if outcome.isDelivered, let reply = outcome.reply { await say(reply, event, endpoint) }
        return try await end(job, event, endpoint, outcome)
    }

    /// - Returns: what came of telling it something that is no event.
    func test(_ endpoint: Endpoint) async -> DeliveryOutcome {
        let now = clock.now()
        let id = "test_\(TimeOrderedID.make(at: now))"
        let body: JSON = [
            "id": .string(id), "type": "webhook.test", "timestamp": .integer(now),
            "account": .string((endpoint.account ?? .default).rawValue), "data": [:],
        ]
        return await post(body.encoded(), id: id, to: endpoint)
    }

    private func post(_ body: [UInt8], id: String, to endpoint: Endpoint) async -> DeliveryOutcome {
        var request = FetchRequest(method: "POST", url: endpoint.url, body: .bytes(body))
        request.headers = [("Content-Type", "application/json")]
        request.headers += endpoint.secret.headers(id: id, time: clock.now(), body: body)
        request.timeout = Self.timeout
        request.maxResponseBytes = Self.answerLimit
        request.addressGuard = AddressGuard(allow: allowedHosts, ports: [80, 443, 8080, 8443])
        // The receiver knows by `webhook-id` what it has.
        request.idempotent = true
        let start = ContinuousClock.now
        do {
            let answer = try await fetch.send(request)
            let isRead = answer.status == 200 && !answer.body.isEmpty
            // An answer that is no JSON is none that says anything.
            let reply = isRead ? (try? JSON(parsing: answer.body))?["reply"] : nil
            return DeliveryOutcome(status: answer.status, duration: .now - start, reply: reply)
        } catch {
            return DeliveryOutcome(error: Self.words(error), duration: .now - start)
        }
    }

    /// Sent once for each event: a delivery that is repeated, since its end was lost, brings the same answer.
    private func say(_ reply: JSON, _ event: Event, _ endpoint: Endpoint) async {
        guard let room = event.room else { return }
        do {
            _ = try await outbound.submit(
                try draft(reply), to: .room(room), idempotencyKey: "reply:\(endpoint.id):\(event.id)")
        } catch {
            let cause = (error as? FieldError).map(GatewayError.init) ?? GatewayError(wrapping: error)
            logger.warning(
                "an endpoint's reply is not sent",
                metadata: ["endpoint.id": "\(endpoint.id)", "event.id": "\(event.id)", "cause": "\(cause.message)"])
        }
    }

    private func end(
        _ job: Job, _ event: Event, _ endpoint: Endpoint, _ outcome: DeliveryOutcome
    ) async throws -> JobVerdict? {
        let now = clock.now()
        let verdict = verdict(job, outcome)
        let kind: EndpointDelivery.Outcome =
            switch verdict {
            case .done: .delivered
            case .giveUp: .failed
            case .retry, .pause: .retried
            }
        let isDisabled = try await database.transaction { session in
            guard try JobQueue.finish(job, verdict, at: now, session) else { return false }
            try EndpointDelivery.record(
                outcome, as: kind, of: event, to: endpoint.id, attempt: job.attempts + 1, at: now, session)
            return try note(endpoint, outcome, at: now, session)
        }
        if isDisabled {
            logger.warning(
                "endpoint disabled", metadata: ["endpoint.id": "\(endpoint.id)", "cause": "\(outcome.reason)"])
        }
        return nil
    }

    private func verdict(_ job: Job, _ outcome: DeliveryOutcome) -> JobVerdict {
        if outcome.isDelivered { return .done }
        if outcome.isGone { return .giveUp(reason: outcome.reason) }
        guard job.attempts < Self.waits.count else { return .giveUp(reason: outcome.reason) }
        let wait = Self.waits[job.attempts]
        return .retry(after: wait + wait * Double.random(in: 0...0.1), reason: outcome.reason)
    }

    /// Keeps how long the endpoint has been failing; after three days, or when it says that it is gone, it is disabled.
    /// - Returns: whether it was disabled now.
    private func note(
        _ endpoint: Endpoint, _ outcome: DeliveryOutcome, at now: Milliseconds, _ session: SQLSession
    ) throws -> Bool {
        if outcome.isDelivered {
            guard endpoint.failingSince != nil else { return false }
            _ = try session.execute(
                "UPDATE webhook_endpoints SET failing_since = NULL WHERE endpoint_id = $1", [.text(endpoint.id)])
            return false
        }
        let since = endpoint.failingSince ?? now
        guard outcome.isGone || now - since >= Self.patience else {
            guard endpoint.failingSince == nil else { return false }
            _ = try session.execute(
                "UPDATE webhook_endpoints SET failing_since = $2 WHERE endpoint_id = $1 AND failing_since IS NULL",
                [.text(endpoint.id), .integer(now)])
            return false
        }
        let disabled = try session.execute(
            """
            UPDATE webhook_endpoints SET state = 'disabled', disabled_reason = $2, updated_at = $3
            WHERE endpoint_id = $1 AND state = 'active'
            """, [.text(endpoint.id), MessageColumns.text(outcome.reason), .integer(now)])
        guard disabled == 1 else { return false }
        EventLog.append(
            [
                NewEvent(
                    .webhookDisabled, account: endpoint.account ?? .default, at: now,
                    data: ["endpoint": .string(endpoint.id), "reason": .string(outcome.reason)])
            ], session)
        return true
    }

    private static func words(_ error: any Error) -> String {
        switch error as? FetchError {
        case .addressNotAllowed: "its address is not a public one"
        case .couldNotResolve: "its name does not resolve"
        case .couldNotConnect: "nobody listens there"
        case .timedOut: "it did not answer in time"
        case .connectionLost: "the connection broke"
        case .tls: "TLS failed"
        case .tooLarge: "its answer is too large"
        case .invalidURL: "its address is not valid"
        default: "the request failed"
        }
    }
}
