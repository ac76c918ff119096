import JSON

/// How a room is made when the holder of the token is the first to join it; says nothing to a room that exists.
package struct RoomConfiguration: Sendable, Hashable {
    package var metadata: String?
    /// Seconds that the room stays while nobody has ever joined.
    package var emptyTimeout: Int64?
    /// Seconds that it stays when the last participant has left.
    package var departureTimeout: Int64?
    package var agents: [AgentRequest] = []

    package init() {}

    init?(_ json: JSON?) {
        guard let json = WireObject(json) else { return nil }
        metadata = json.text("metadata")
        emptyTimeout = json.integer("empty_timeout")
        departureTimeout = json.integer("departure_timeout")
        agents = json.array("agents").compactMap(AgentRequest.init)
    }

    var json: JSONObject {
        var object: JSONObject = [:]
        object["metadata"] = metadata.map { .string($0) }
        object["emptyTimeout"] = emptyTimeout.map { .integer($0) }
        object["departureTimeout"] = departureTimeout.map { .integer($0) }
        if !agents.isEmpty { object["agents"] = .array(agents.map(\.json)) }
        return object
    }
}

/// An agent that is to be sent into a room when the room is made.
package struct AgentRequest: Sendable, Hashable {
    /// The name under which its workers registered; "" for those without one.
    package var name: String
    /// For the agent's job, as text.
    package var metadata: String?

    package init(name: String, metadata: String? = nil) {
        self.name = name
        self.metadata = metadata
    }

    init?(_ json: JSON) {
        guard let json = WireObject(json) else { return nil }
        name = json.text("agent_name") ?? ""
        metadata = json.text("metadata")
    }

    var json: JSON {
        var object: JSONObject = ["agentName": .string(name)]
        object["metadata"] = metadata.map { .string($0) }
        return .object(object)
    }
}
