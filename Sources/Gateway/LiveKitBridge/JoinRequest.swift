import LiveKit

/// Who wants to join a room, and as what.
package struct JoinRequest: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Answers the customer: may speak, and is seen.
        case agent
        /// Reads along, unseen.
        case observer
    }

    package var identity: String
    package var name: String?
    package var kind: Kind
    /// To be sent into the room when this one's joining makes it.
    package var agents: [AgentRequest]
    /// Seconds, from 1 to `longestLife`.
    package var life: Int64

    package static let longestLife = AccessToken.longestLife

    package init(identity: String, name: String?, kind: Kind, agents: [AgentRequest], life: Int64) {
        self.identity = identity
        self.name = name
        self.kind = kind
        self.agents = agents
        self.life = life
    }

    func token(for room: Room) -> AccessToken {
        var grants = VideoGrants.join(room.name.rawValue)
        grants.canSubscribe = true
        let answers = kind == .agent
        grants.canPublish = answers
        grants.canPublishData = answers
        grants.canUpdateOwnMetadata = answers
        if !answers { grants.hidden = true }
        var token = AccessToken(grants, identity: identity)
        token.name = name
        if answers { token.attributes = [RoomParticipant.role.attribute: RoomParticipant.role.agent] }
        token.room = room.liveKitConfiguration(agents: agents)
        return token
    }
}

/// A token, and where to join with it.
package struct JoinPass: Sendable {
    package let token: SignedToken
    /// With `ws` or `wss`.
    package let url: String
    package let room: RoomName
    package let expiresAt: Milliseconds
}
