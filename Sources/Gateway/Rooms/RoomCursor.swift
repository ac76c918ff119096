/// A place in the list of rooms, opaque to callers.
struct RoomCursor {
    let time: Milliseconds
    let name: String

    init(_ room: Room) {
        time = room.lastMessageAt
        name = room.name.rawValue
    }

    init(text: String) throws(GatewayError) {
        let parts = text.split(separator: "-", maxSplits: 1)
        guard parts.count == 2, let time = Milliseconds(parts[0]), parts[1].utf8.allSatisfy({ $0 > 31 }) else {
            throw GatewayError(
                .invalid, "`cursor` must be the nextCursor of the page before", data: ["field": "cursor"])
        }
        self.time = time
        name = String(parts[1])
    }

    var text: String { "\(time)-\(name)" }
}
