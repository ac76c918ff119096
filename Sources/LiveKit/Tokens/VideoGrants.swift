import JSON

/// What a token allows. A permission that is nil is not in the token, and LiveKit then does as it does by default: who
/// may join may publish and subscribe, but not change its own metadata.
package struct VideoGrants: Sendable, Hashable {
    /// Making and deleting rooms; `roomAdmin` is not enough to delete one.
    package var roomCreate = false
    package var roomList = false
    /// Everything else that is done to `room`, agent dispatch included.
    package var roomAdmin = false
    package var roomJoin = false
    package var room: String?
    package var canPublish: Bool?
    package var canSubscribe: Bool?
    package var canPublishData: Bool?
    /// Attributes included.
    package var canUpdateOwnMetadata: Bool?
    /// Not shown to the others in the room.
    package var hidden: Bool?

    package init() {}

    package static var create: VideoGrants {
        var grants = VideoGrants()
        grants.roomCreate = true
        return grants
    }

    package static var list: VideoGrants {
        var grants = VideoGrants()
        grants.roomList = true
        return grants
    }

    package static func admin(of room: String) -> VideoGrants {
        var grants = VideoGrants()
        grants.roomAdmin = true
        grants.room = room
        return grants
    }

    package static func join(_ room: String) -> VideoGrants {
        var grants = VideoGrants()
        grants.roomJoin = true
        grants.room = room
        return grants
    }

    init(_ json: JSON?) {
        roomCreate = json?["roomCreate"]?.bool ?? false
        roomList = json?["roomList"]?.bool ?? false
        roomAdmin = json?["roomAdmin"]?.bool ?? false
        roomJoin = json?["roomJoin"]?.bool ?? false
        room = json?["room"]?.string
        canPublish = json?["canPublish"]?.bool
        canSubscribe = json?["canSubscribe"]?.bool
        canPublishData = json?["canPublishData"]?.bool
        canUpdateOwnMetadata = json?["canUpdateOwnMetadata"]?.bool
        hidden = json?["hidden"]?.bool
    }

    var json: JSONObject {
        var object: JSONObject = [:]
        for (name, isGranted) in [
            ("roomCreate", roomCreate), ("roomList", roomList), ("roomAdmin", roomAdmin), ("roomJoin", roomJoin),
        ] where isGranted { object[name] = true }
        object["room"] = room.map { .string($0) }
        for (name, permission) in [
            ("canPublish", canPublish), ("canSubscribe", canSubscribe), ("canPublishData", canPublishData),
            ("canUpdateOwnMetadata", canUpdateOwnMetadata), ("hidden", hidden),
        ] { object[name] = permission.map { .bool($0) } }
        return object
    }
}
