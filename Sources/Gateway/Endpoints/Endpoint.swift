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
    package let secret: EndpointSecret
    /// Empty for all types.
    package let types: Set<String>
    /// nil for all accounts.
    package let account: AccountID?
    package let state: State
    package let disabledReason: String?
    let position: Int64
    let failingSince: Milliseconds?
    let createdAt: Milliseconds
    let updatedAt: Milliseconds

    init(_ row: SQLRow) throws {
        id = try row.text("endpoint_id")
        url = try row.text("url")
        secret = try EndpointSecret(try row.text("secret"))
        types = Set((try row.json("events")?.array ?? []).compactMap(\.string))
        account = try row.textOrNil("account_id").map(AccountID.init(rawValue:))
        state = State(rawValue: try row.text("state")) ?? .disabled
        disabledReason = try row.textOrNil("disabled_reason")
        position = try row.integer("position")
        failingSince = try row.integerOrNil("failing_since")
        createdAt = try row.integer("created_at")
        updatedAt = try row.integer("updated_at")
    }

    func wants(type: String, account other: AccountID) -> Bool {
        (types.isEmpty || types.contains(type)) && (account == nil || account == other)
    }

    /// - Parameter showingSecret: once, when it was made.
    package func json(showingSecret: Bool = false) -> JSON {
        var object: JSONObject = ["id": .string(id), "url": .string(url), "state": .string(state.rawValue)]
        if showingSecret { object["secret"] = .string(secret.text) }
        if !types.isEmpty { object["events"] = .array(types.sorted().map(JSON.string)) }
        object["account"] = account.map { .string($0.rawValue) }
        object["disabledReason"] = disabledReason.map(JSON.string)
        object["failingSince"] = failingSince.map { .string($0.iso8601) }
        object["createdAt"] = .string(createdAt.iso8601)
        object["updatedAt"] = .string(updatedAt.iso8601)
        return .object(object)
    }

    static func find(_ id: String, _ session: SQLSession, lock: Bool = false) throws -> Endpoint? {
        try session.query(
            "SELECT * FROM webhook_endpoints WHERE endpoint_id = $1 \(lock ? "{for update}" : "")", [.text(id)]
        ).first.map(Endpoint.init)
    }
}
