import Crypto
import JSON
import WhatsApp

/// Turns what Meta sent into a message of a room.
struct MessageMapper {
    /// How long a message is kept, counted from its timestamp.
    let lifetime: Milliseconds

    func message(
        _ arrival: IngestPlan.Arrival, contact: Contact, sequence: Int64, at now: Milliseconds
    ) -> Message {
        let item = arrival.item
        let timestamp = item.timestamp ?? arrival.receivedAt
        var message = Message(
            messageID: .make(at: now), account: contact.account, whatsappMessageID: item.id,
            sourceKey: Self.sourceKey(item), roomName: contact.room, contact: contact.id, sequence: sequence,
            direction: arrival.origin.isOutgoing ? .outgoing : .incoming, type: item.type,
            status: Self.status(arrival.origin), timestamp: timestamp, createdAt: arrival.receivedAt, updatedAt: now,
            expiresAt: timestamp + lifetime)
        message.phoneNumber = number(arrival, contact)
        message.replyTo = item.context?.messageID
        // When an old message was delivered is not told.
        if arrival.origin == .customer { message.deliveredAt = arrival.receivedAt }
        if item.groupID != nil, !arrival.origin.isOutgoing { message.sender = Self.participant(arrival) }
        fill(&message, from: item.content, raw: item.raw)
        annotate(&message, item)
        return message
    }

    /// Puts what an item says now into the place that was kept for it: the media that follow an old message, or a
    /// message that this version understands and an earlier one did not.
    func complete(_ message: inout Message, with item: IncomingMessage) {
        if message.wasNotUnderstood {
            message.type = item.type
            message.extras["unsupported"] = nil
            fill(&message, from: item.content, raw: item.raw)
            message.replyTo = item.context?.messageID ?? message.replyTo
            annotate(&message, item)
            return
        }
        guard message.lacksItsMedia, case .media(let media) = item.content, media.id != nil else { return }
        let caption = message.caption
        message.type = item.type
        message.extras["unsupported"] = nil
        fill(&message, from: media)
        message.caption = media.caption ?? caption
        message.replyTo = item.context?.messageID ?? message.replyTo
        annotate(&message, item)
    }

    /// In a group the room doesn't tell who wrote.
    private static func participant(_ arrival: IngestPlan.Arrival) -> JSON {
        var sender: JSONObject = ["type": "customer"]
        sender["id"] = (arrival.item.from.map { "+\($0)" } ?? arrival.item.fromUserID).map(JSON.string)
        sender["name"] = arrival.sender?.name.map(JSON.string)
        return .object(sender)
    }

    /// What stands for the wamid of an item that has none: the same item gives the same key.
    static func sourceKey(_ item: IncomingMessage) -> String? {
        item.id == nil ? "sha256:" + SHA256.hash(data: item.raw.encoded()).hexadecimal : nil
    }

    private func number(_ arrival: IngestPlan.Arrival, _ contact: Contact) -> String? {
        let isOutgoing = arrival.origin.isOutgoing
        let written = isOutgoing ? arrival.identity.phones.first : arrival.item.from ?? arrival.sender?.waID
        return written.map { "+\($0)" } ?? contact.phoneNumber
    }

    private static func status(_ origin: IngestPlan.Origin) -> MessageStatus {
        switch origin {
        case .customer: .delivered
        case .echo: .sent
        case .history(let outgoing, let status):
            switch status?.uppercased() {
            case "READ": .read
            case "PLAYED": .played
            case "DELIVERED": .delivered
            case "ERROR" where outgoing: .failed
            case "PENDING" where outgoing: .unknown
            default: outgoing ? .sent : .delivered
            }
        }
    }

    private func fill(_ message: inout Message, from content: MessageContent, raw: JSON) {
        switch content {
        case .text(let body): message.text = body
        case .media(let media): fill(&message, from: media)
        case .location(let location): message.location = Self.json(location)
        case .contacts(let cards): message.contacts = .array(cards)
        case .interactive(let reply):
            message.text = reply.title
            message.interactive = Self.json(reply)
        case .button(let text, let payload):
            message.text = text
            var button = JSONObject()
            button["text"] = text.map(JSON.string)
            button["payload"] = payload.map(JSON.string)
            message.extras["button"] = .object(button)
        case .order(let order):
            message.text = order["text"]?.string.flatMap { $0.isEmpty ? nil : $0 }
            message.extras["order"] = order
        case .system(let notice):
            message.text = notice.body
            message.extras["system"] = notice.raw
        case .welcome: message.type = "request_welcome"
        case .reaction, .edit, .revoke: break  // changes of other messages, see MessageChange
        case .unsupported(let kind, let reason):
            message.type = "unsupported"
            var details: JSONObject = ["reason": .string(reason), "raw": raw]
            details["kind"] = kind.map(JSON.string)
            message.extras["unsupported"] = .object(details)
        }
    }

    private func fill(_ message: inout Message, from media: MediaReference) {
        let canBeFetched = media.id != nil
        message.caption = media.caption
        message.media = Message.MessageMedia(
            kind: media.kind.rawValue, status: canBeFetched ? .pending : .rejected,
            reason: canBeFetched ? nil : "WhatsApp named no media id", fileName: media.fileName.map(FileName.clean),
            mimeType: media.mimeType, sha256: media.sha256, graphID: media.id)
        if media.voice { message.extras["voice"] = true }
        if media.animated { message.extras["animated"] = true }
    }

    private static func json(_ location: Location) -> JSON {
        var object: JSONObject = ["latitude": .number(location.latitude), "longitude": .number(location.longitude)]
        object["name"] = location.name.map(JSON.string)
        object["address"] = location.address.map(JSON.string)
        object["url"] = location.url.map(JSON.string)
        return .object(object)
    }

    private static func json(_ reply: InteractiveReply) -> JSON {
        var object: JSONObject = ["type": .string(reply.kind)]
        object["id"] = reply.id.map(JSON.string)
        object["title"] = reply.title.map(JSON.string)
        object["description"] = reply.description.map(JSON.string)
        // A button or a row is told by the fields above; every other answer has members of its own.
        if reply.id == nil { object["data"] = reply.data }
        return .object(object)
    }

    private func annotate(_ message: inout Message, _ item: IncomingMessage) {
        message.extras["referral"] = item.referral
        if item.context?.forwarded == true { message.extras["forwarded"] = true }
        if item.context?.frequentlyForwarded == true { message.extras["frequentlyForwarded"] = true }
        message.extras["referredProduct"] = item.context?.referredProduct
        message.extras["groupId"] = item.groupID.map(JSON.string)
        message.extras["userId"] = item.fromUserID.map(JSON.string)
        if !item.errors.isEmpty { message.extras["errors"] = .array(item.errors.map { MessageFailure($0).json() }) }
    }
}

extension Message {
    fileprivate var wasNotUnderstood: Bool { type == "unsupported" && !lacksItsMedia }

    /// History comes with placeholders for media, or with media that have no id; what can be fetched may follow.
    fileprivate var lacksItsMedia: Bool {
        extras["unsupported"]?["kind"] == "media_placeholder" || (media.status == .rejected && media.graphID == nil)
    }
}
