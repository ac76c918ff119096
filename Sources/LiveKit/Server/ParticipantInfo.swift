import JSON

/// Who is in a room, or was.
package struct ParticipantInfo: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        case joining, joined, active, disconnected
        case other(String)
    }

    package let sid: String
    package let identity: String
    /// "" when it has none.
    package let name: String
    package let kind: ParticipantKind
    package let state: State
    package let metadata: String
    package let attributes: [String: String]
    /// Milliseconds since 1970.
    package let joinedAt: Int64?
    /// Not shown to the others in the room.
    package let isHidden: Bool
    /// Why it left, in LiveKit's word (`CLIENT_INITIATED`), in the webhook that tells of it.
    package let disconnectReason: String?

    init?(_ json: JSON?) {
        guard let json = WireObject(json), let identity = json.text("identity") else { return nil }
        self.identity = identity
        sid = json.text("sid") ?? ""
        name = json.text("name") ?? ""
        kind = json.text("kind").map(ParticipantKind.init) ?? .standard
        state = State(json.text("state"))
        metadata = json.text("metadata") ?? ""
        attributes = json.texts("attributes")
        joinedAt = json.time("joined_at")
        isHidden = WireObject(json["permission"])?.flag("hidden") ?? false
        disconnectReason = json.text("disconnect_reason").flatMap { $0 == "UNKNOWN_REASON" ? nil : $0 }
    }
}

extension ParticipantInfo.State {
    /// The first of the states is the one that is left out.
    fileprivate init(_ name: String?) {
        self =
            switch name {
            case "JOINING", nil: .joining
            case "JOINED": .joined
            case "ACTIVE": .active
            case "DISCONNECTED": .disconnected
            case let name?: .other(name)
            }
    }
}
