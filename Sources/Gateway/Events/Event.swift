import JSON
import SQL

/// Something that happened, as listeners are told of it.
package struct Event: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case integrationConnected = "integration.connected"
        case integrationDisconnected = "integration.disconnected"
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

    init(_ row: SQLRow) throws {
        id = try row.text("event_id")
        type = try row.text("type")
        account = AccountID(rawValue: try row.text("account_id"))
        room = try row.textOrNil("room_name").map(RoomName.init(rawValue:))
        sequence = try row.integerOrNil("sequence")
        timestamp = try row.integer("timestamp")
        data = try row.json("data") ?? [:]
    }

    package func json() -> JSON {
        var object: JSONObject = ["id": .string(id), "type": .string(type)]
        object["room"] = room.map { .string($0.rawValue) }
        object["sequence"] = sequence.map(JSON.integer)
        object["timestamp"] = .integer(timestamp)
        object["account"] = .string(account.rawValue)
        object["data"] = data
        return .object(object)
    }
}
