import JSON
import SQL

/// Something that happened, as listeners are told of it.
package struct Event: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case messageReceived = "message.received"
        case messageCreated = "message.created"
        case messageSent = "message.sent"
        case messageDelivered = "message.delivered"
        case messageRead = "message.read"
        case messageFailed = "message.failed"
        case messageUpdated = "message.updated"
        case mediaReady = "media.ready"
        case mediaRejected = "media.rejected"
        case roomCreated = "room.created"
        case roomUpdated = "room.updated"
        case integrationConnected = "integration.connected"
        case integrationDisconnected = "integration.disconnected"
        case webhookDisabled = "webhook.disabled"
    }

    /// Its place in the order of all events of this database, and the cursor of whoever has it.
    package let position: Int64
    /// The same event always has the same one; no other database gives it.
    package let id: String
    package let type: String
    package let account: AccountID
    package let room: RoomName?
    /// `{"id","type","room","sequence","timestamp","account","data"}`; `data` is the message or the room as it stands
    /// when the event is told, or what happened.
    package let json: JSON
    /// `json` as text, encoded once for all who get it.
    package let encoded: [UInt8]

    init(_ row: SQLRow, id: String, data: JSON) throws {
        self.id = id
        position = try row.integer("position")
        type = try row.text("type")
        account = AccountID(rawValue: try row.text("account_id"))
        room = try row.textOrNil("room_name").map(RoomName.init(rawValue:))
        var object: JSONObject = ["id": .string(id), "type": .string(type)]
        object["room"] = room.map { .string($0.rawValue) }
        object["sequence"] = try row.integerOrNil("sequence").map(JSON.integer)
        object["timestamp"] = .integer(try row.integer("timestamp"))
        object["account"] = .string(account.rawValue)
        object["data"] = data
        json = .object(object)
        encoded = json.encoded()
    }
}

/// An event as the transaction that makes it writes it.
struct NewEvent: Sendable {
    let kind: Event.Kind
    let account: AccountID
    var room: RoomName?
    var message: MessageID?
    var sequence: Int64?
    let timestamp: Milliseconds
    /// Of a message: none, the message is told as it stands then. Of a room: what is told beside the room as it stands.
    var data: JSON?

    init(
        _ kind: Event.Kind, account: AccountID, room: RoomName? = nil, at time: Milliseconds, data: JSON? = nil
    ) {
        self.kind = kind
        self.account = account
        self.room = room
        timestamp = time
        self.data = data
    }

    init(_ kind: Event.Kind, of message: Message) {
        self.kind = kind
        account = message.account
        room = message.roomName
        self.message = message.messageID
        sequence = message.sequence
        timestamp = message.updatedAt
    }
}
