import JSON
import LiveKit

extension Room {
    /// Seconds that LiveKit keeps the room while nobody joins: as long as a customer can be answered.
    private static let emptyTimeout: Int64 = ServiceWindow.length / .second

    /// How the room is made in LiveKit, whoever makes it: the gateway, or the first who joins.
    func liveKitConfiguration(agents: [AgentRequest] = []) -> RoomConfiguration {
        var configuration = RoomConfiguration()
        configuration.metadata = liveKitMetadata
        configuration.emptyTimeout = Self.emptyTimeout
        configuration.agents = agents
        return configuration
    }

    var liveKitMetadata: String {
        var object: JSONObject = [
            "title": .string(title), "channel": .string(Self.channel), "department": .string(Self.department),
            "private": .bool(isPrivate),
        ]
        object["phone"] = phoneNumber.map(JSON.string)
        return String(decoding: JSON.object(object).encoded(), as: UTF8.self)
    }
}
