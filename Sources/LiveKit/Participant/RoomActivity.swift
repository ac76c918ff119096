/// What happens in a room that the gateway has joined.
package enum RoomActivity: Sendable {
    /// A text stream that has come to its end.
    case said(RoomText)
    /// It is over, and nobody tries again; why, in LiveKit's number, or nil when the native library ended.
    case ended(reason: Int?)
}

/// What somebody in a room said as text.
package struct RoomText: Sendable, Hashable {
    package let topic: String
    package let identity: String
    /// The sender's own; unique.
    package let streamID: String
    package let text: String
    /// Those it ended with count before those it began with.
    package let attributes: [String: String]
}

/// Somebody else in the room.
package struct RoomMember: Sendable, Hashable {
    /// "" when they have none.
    package let name: String
    package let isAgent: Bool
    package internal(set) var attributes: [String: String]
    let seenAt: ContinuousClock.Instant

    /// An agent has begun to listen by then, where it doesn't tell.
    private static let firstTime: Duration = .seconds(3)

    /// Whether it is an agent that does not listen yet, or is about to answer: what it is told now is lost on it, or breaks
    /// its answer off.
    package func isBusy(at now: ContinuousClock.Instant) -> Bool {
        guard isAgent else { return false }
        guard let state = attributes["lk.agent.state"] else { return now - seenAt < Self.firstTime }
        return ["initializing", "thinking", "speaking"].contains(state)
    }
}
