import JSON
import WhatsApp

/// What somebody wants to say to a customer, valid in itself. Every API dialect makes one of these.
package struct Draft: Sendable {
    package var content: OutgoingContent
    /// An own `/uploads/…` path or a public address; for media only.
    package var mediaURL: String?
    /// The message that this one answers, by either id.
    package var replyTo: String?
    package var metadata: JSON?
    package var sender: Sender?
    /// A note that stays in the room; text only.
    package var isPrivate: Bool
    /// Whether a picture that is too large for WhatsApp is scaled down.
    package var fits = false

    package init(
        content: OutgoingContent, mediaURL: String? = nil, replyTo: String? = nil, metadata: JSON? = nil,
        sender: Sender? = nil, isPrivate: Bool = false
    ) {
        self.content = content
        self.mediaURL = mediaURL
        self.replyTo = replyTo
        self.metadata = metadata
        self.sender = sender
        self.isPrivate = isPrivate
    }

    /// Who in the chat backend says it.
    package struct Sender: Sendable {
        package let id: String?
        package let name: String?
        package let type: String?

        package init(id: String?, name: String?, type: String?) {
            self.id = id
            self.name = name
            self.type = type
        }

        var json: JSON {
            var object = JSONObject()
            object["id"] = id.map(JSON.string)
            object["name"] = name.map(JSON.string)
            object["type"] = type.map(JSON.string)
            return .object(object)
        }
    }

    /// The same request gives the same bytes; two that differ under one idempotency key are a conflict.
    func fingerprint(_ destination: Destination) -> [UInt8] {
        var object: JSONObject = ["content": content.storedJSON(), "private": .bool(isPrivate)]
        switch destination {
        case .phone(let number, let account):
            object["phone"] = .string(number.digits)
            object["account"] = .string(account.rawValue)
        case .room(let room): object["room"] = .string(room.rawValue)
        }
        if fits { object["fit"] = true }
        object["mediaUrl"] = mediaURL.map(JSON.string)
        object["replyTo"] = replyTo.map(JSON.string)
        object["metadata"] = metadata
        object["sender"] = sender?.json
        return JSON.object(object).encoded()
    }
}

package enum Destination: Sendable {
    case phone(PhoneNumber, account: AccountID)
    case room(RoomName)
}

/// What became of a draft so far.
package struct Submission: Sendable {
    package let message: Message
    /// The idempotency key was used before: this is that message, nothing new was sent.
    package let replayed: Bool
    /// The account's token is refused by Meta: the message waits until it is renewed.
    package let accountPaused: Bool
}
