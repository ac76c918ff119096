import JSON
import LiveKit
import SQL

/// Somebody who is in a LiveKit room.
package struct RoomParticipant: Sendable {
    let sid: String
    package let identity: String
    let name: String
    let kind: String
    /// An AI agent, or a person who joined with a token for agents: somebody who answers.
    let isAgent: Bool
    let joinedAt: Milliseconds?

    /// In a token for agents, so that the gateway knows them again.
    static let role = (attribute: "vestibule.role", agent: "agent")

    init(_ info: ParticipantInfo) {
        sid = info.sid
        identity = info.identity
        name = info.name
        kind = info.kind.name
        isAgent = info.kind == .agent || info.attributes[Self.role.attribute] == Self.role.agent
        joinedAt = info.joinedAt
    }

    init(_ row: SQLRow) throws {
        sid = try row.text("participant_sid")
        identity = try row.text("identity")
        name = try row.text("name")
        kind = try row.text("kind")
        isAgent = try row.bool("is_agent")
        joinedAt = try row.integerOrNil("joined_at")
    }

    package var json: JSON {
        var object: JSONObject = ["identity": .string(identity)]
        if !name.isEmpty { object["name"] = .string(name) }
        object["kind"] = .string(kind)
        object["agent"] = .bool(isAgent)
        object["joinedAt"] = joinedAt.map(JSON.integer)
        return .object(object)
    }
}
