import JSON
import Mongo

/// The two collections that MongoDB holds a copy of.
enum MirrorCollection: String, CaseIterable {
    case whatsappMessages, chatMessages

    func holds(_ message: Message) -> Bool {
        switch self {
        case .whatsappMessages: message.isOnWhatsApp
        case .chatMessages: message.isInRoom
        }
    }

    var indexes: [MongoIndex] {
        let shared = [
            MongoIndex(name: "expiresAt_ttl", keys: [("expiresAt", 1)], expireAfterSeconds: 0),
            MongoIndex(name: "messageId_unique", keys: [("messageId", 1)], unique: true),
            MongoIndex(name: "room_sequence", keys: [("roomName", 1), ("sequence", 1)]),
        ]
        switch self {
        case .whatsappMessages:
            return shared + [
                MongoIndex(name: "phone_timestamp", keys: [("phoneNumber", 1), ("timestamp", 1)]),
                MongoIndex(name: "whatsappMessageId", keys: [("whatsappMessageId", 1)]),
            ]
        case .chatMessages: return shared
        }
    }

    /// The message as its document: the API's fields, `_id`, the revision, and `expiresAt` as a date for the TTL index.
    func document(of message: Message) -> BSONDocument {
        var object = message.json().object ?? [:]
        if self == .whatsappMessages { object["sender"] = nil }
        var document = BSONDocument(object)
        document["_id"] = .string(message.messageID.rawValue)
        document["revision"] = .integer(message.revision)
        document["expiresAt"] = .date(milliseconds: message.expiresAt)
        return document
    }
}
