import JSON
import SQL
import WhatsApp

/// An address that events are told to.
package struct Endpoint: Sendable {
    package enum State: String, Sendable {
        case active, disabled
    }

    package let id: String
    package let url: String
    /// Empty for all types.
    package let types: Set<String>
    /// nil for all accounts.
    package let account: AccountID?
    package let state: State
    package let disabledReason: String?
    let secrets: EndpointSecrets
    /// The last event that was made a job of, or left out.
    let position: Int64
    let health: EndpointHealth
    let createdAt: Milliseconds
    let updatedAt: Milliseconds

    init(_ row: SQLRow) throws {
        id = try row.text("endpoint_id")
        url = try row.text("url")
        secrets = try EndpointSecrets(row)
        types = Set((try row.json("events")?.array ?? []).compactMap(\.string))
        account = try row.textOrNil("account_id").map(AccountID.init(rawValue:))
        state = State(rawValue: try row.text("state")) ?? .disabled
        disabledReason = try row.textOrNil("disabled_reason")
        position = try row.integer("position")
        health = EndpointHealth(
            failingSince: try row.integerOrNil("failing_since"), retryAt: try row.integerOrNil("retry_at"))
        createdAt = try row.integer("created_at")
        updatedAt = try row.integer("updated_at")
    }

    func wants(type: String, account other: AccountID) -> Bool {
        (types.isEmpty || types.contains(type)) && (account == nil || account == other)
    }

    /// - Parameter secret: shown once, when it is made.
    package func json(showing secret: EndpointSecret? = nil) -> JSON {
        var object: JSONObject = ["id": .string(id), "url": .string(url), "state": .string(state.rawValue)]
        object["secret"] = secret.map { .string($0.text.reveal()) }
        if !types.isEmpty { object["events"] = .array(types.sorted().map(JSON.string)) }
        object["account"] = account.map { .string($0.rawValue) }
        object["disabledReason"] = disabledReason.map(JSON.string)
        object["failingSince"] = health.failingSince.map { .string($0.iso8601) }
        object["createdAt"] = .string(createdAt.iso8601)
        object["updatedAt"] = .string(updatedAt.iso8601)
        return .object(object)
    }

    /// - Parameter lock: against other changes; a row that refers to it may still be written, as each delivery does.
    static func find(_ id: String, _ session: SQLSession, lock: Bool = false) throws -> Endpoint? {
        try session.query(
            "SELECT * FROM webhook_endpoints WHERE endpoint_id = $1 \(lock ? "{for no key update}" : "")", [.text(id)]
        ).first.map(Endpoint.init)
    }
}
