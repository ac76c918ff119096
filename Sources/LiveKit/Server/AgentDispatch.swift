import JSON

/// An agent that was sent for.
package struct AgentDispatch: Sendable, Hashable {
    /// As in `AD_…`.
    package let id: String
    /// "" for the one that a room without agents gets by itself.
    package let agentName: String
    package let room: String
    package let metadata: String

    init?(_ json: JSON?) {
        guard let json = WireObject(json), let id = json.text("id") else { return nil }
        self.id = id
        agentName = json.text("agent_name") ?? ""
        room = json.text("room") ?? ""
        metadata = json.text("metadata") ?? ""
    }
}
