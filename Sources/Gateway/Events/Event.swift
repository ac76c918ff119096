import JSON
import SQL

/// Something that happened, as listeners are told of it.
package struct Event: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case integrationConnected = "integration.connected"
        case integrationDisconnected = "integration.disconnected"
        case mediaReady = "media.ready"
        case mediaRejected = "media.rejected"
    }

    /// A UUID version 7; the same event always has the same one.
    package let id: String
    let type: String
    let account: AccountID
    let room: RoomName?
    let sequence: Int64?
    let timestamp: Milliseconds
    let data: JSON

    init(_ kind: Kind, account: AccountID, at time: Milliseconds, data: JSON) {
        id = TimeOrderedID.make(at: time)
        type = kind.rawValue
        self.account = account
        room = nil
        sequence = nil
        timestamp = time
        self.data = data
    }

    /// Of a message in its room; `data` is the message as it is now.
    init(_ kind: Kind, _ message: Message, at time: Milliseconds) {
        id = TimeOrderedID.make(at: time)
        type = kind.rawValue
        account = message.account
        room = message.roomName
        sequence = message.sequence
        timestamp = time
        data = message.json()
    }

    init(_ row: SQLRow) throws {
        id = try row.text("event_id")
        type = try row.text("type")
        account = AccountID(rawValue: try row.text("account_id"))
        room = try row.textOrNil("room_name").map(RoomName.init(rawValue:))
        sequence = try row.integerOrNil("sequence")
        timestamp = try row.integer("timestamp")
        data = try row.json("data") ?? [:]
    }

    /// - Parameter links: sign the message's link to its file, where links are signed.
    package func json(links: MediaLinks? = nil) -> JSON {
        var object: JSONObject = ["id": .string(id), "type": .string(type)]
        object["room"] = room.map { .string($0.rawValue) }
        object["sequence"] = sequence.map(JSON.integer)
        object["timestamp"] = .integer(timestamp)
        object["account"] = .string(account.rawValue)
        object["data"] = links?.signed(in: data) ?? data
        return .object(object)
    }
}
