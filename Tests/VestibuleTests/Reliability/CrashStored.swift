import JSON
import Mongo
import SQL

/// A message as one of the four stores has it; the same message is equal in all of them.
struct CrashStored: Hashable {
    let id: String
    let wamid: String?
    let room: String
    let sequence: Int64
    let isOutgoing: Bool
    let type: String
    let status: String
    let text: String?
    let mediaURL: String?
    let mediaStatus: String?
    let reactions: [String]
    let times: [Int64?]
    let failedReason: String?

    init(_ row: SQLRow) throws {
        id = try row.text("message_id")
        wamid = try row.textOrNil("whatsapp_message_id")
        room = try row.text("room_name")
        sequence = try row.integer("sequence")
        isOutgoing = try row.text("direction") == "outgoing"
        type = try row.text("type")
        status = try row.text("status")
        text = try row.textOrNil("text")
        mediaURL = try row.textOrNil("media_url")
        mediaStatus = try row.textOrNil("media_status")
        let stored = try row.textOrNil("reactions").map { try JSON(parsing: $0.utf8) }
        reactions = (stored?.array ?? []).map { "\($0["from"]?.string ?? "") \($0["emoji"]?.string ?? "")" }
        times = try ["sent_at", "delivered_at", "read_at"].map { try row.integerOrNil($0) }
        failedReason = try row.textOrNil("failed_reason")
    }

    init(_ document: BSONDocument) {
        id = document["_id"]?.string ?? ""
        wamid = document["whatsappMessageId"]?.string
        room = document["roomName"]?.string ?? ""
        sequence = document["sequence"]?.integer ?? -1
        isOutgoing = document["direction"]?.string == "outgoing"
        type = document["type"]?.string ?? ""
        status = document["status"]?.string ?? ""
        text = document["text"]?.string
        mediaURL = document["mediaUrl"]?.string
        mediaStatus = document["mediaStatus"]?.string
        var found: [String] = []
        if case .array(let items)? = document["reactions"] {
            for case .document(let item) in items {
                found.append("\(item["from"]?.string ?? "") \(item["emoji"]?.string ?? "")")
            }
        }
        reactions = found
        times = ["sentAt", "deliveredAt", "readAt"].map { document[$0]?.integer }
        failedReason = document["failedReason"]?.string
    }
}

/// Everything that the stores of a site hold, each read at once.
struct CrashStores {
    let whatsapp: [CrashStored]
    let room: [CrashStored]
    /// nil without a mirror.
    let whatsappMirror: [CrashStored]?
    let roomMirror: [CrashStored]?

    init(_ stores: Stores) async throws {
        whatsapp = try await stores.rows("SELECT * FROM whatsapp_messages").map(CrashStored.init)
        room = try await stores.rows("SELECT * FROM chat_messages").map(CrashStored.init)
        guard stores.mongoURI != nil else {
            whatsappMirror = nil
            roomMirror = nil
            return
        }
        whatsappMirror = try await stores.documents("whatsappMessages").map(CrashStored.init)
        roomMirror = try await stores.documents("chatMessages").map(CrashStored.init)
    }
}
