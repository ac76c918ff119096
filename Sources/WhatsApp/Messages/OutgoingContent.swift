import JSON

/// What one message says, checked against Meta's limits by the makers of its family (`text(from:path:)` …).
/// Contacts, templates and interactive messages are kept in Meta's own form.
package enum OutgoingContent: Sendable, Hashable {
    case text(body: String, previewURL: Bool)
    case media(OutgoingMedia)
    /// Degrees, WGS 84.
    case location(latitude: Double, longitude: Double, name: String?, address: String?)
    case contacts(JSON)
    /// An empty `emoji` takes the reaction back.
    case reaction(messageID: String, emoji: String)
    case template(JSON)
    case interactive(JSON)

    /// Meta's name of the kind, which is also the key of its object.
    package var type: String {
        switch self {
        case .text: "text"
        case .media(let media): media.kind.rawValue
        case .location: "location"
        case .contacts: "contacts"
        case .reaction: "reaction"
        case .template: "template"
        case .interactive: "interactive"
        }
    }

    /// The body of `POST /{phone-number-id}/messages`.
    /// - Parameters:
    ///   - mediaID: Meta's id of the uploaded file; a medium without one is refused by Meta (131008).
    ///   - context: the wamid to quote; reactions quote nothing.
    ///   - callbackData: comes back in every status of the message; at most 512 characters.
    package func graphBody(to recipient: Recipient, mediaID: String?, context: String?, callbackData: String) -> JSON {
        var body: JSONObject = ["messaging_product": "whatsapp"]
        for (key, value) in recipient.graphMembers { body[key] = value }
        body["type"] = .string(type)
        body[type] = graphObject(mediaID: mediaID)
        if let context, !isReaction { body["context"] = ["message_id": .string(context)] }
        body["biz_opaque_callback_data"] = .string(callbackData)
        return .object(body)
    }

    private var isReaction: Bool {
        if case .reaction = self { true } else { false }
    }

    private func graphObject(mediaID: String?) -> JSON {
        switch self {
        case .text(let body, let previewURL): ["body": .string(body), "preview_url": .bool(previewURL)]
        case .media(let media): media.graphObject(id: mediaID)
        case .location(let latitude, let longitude, let name, let address):
            Self.locationObject(latitude: latitude, longitude: longitude, name: name, address: address)
        case .reaction(let messageID, let emoji): ["message_id": .string(messageID), "emoji": .string(emoji)]
        case .contacts(let value), .template(let value), .interactive(let value): value
        }
    }
}

extension OutgoingContent {
    /// `{"type": …, "<type>": {…}}`, from which `init(stored:)` makes an equal value.
    package func storedJSON() -> JSON {
        var stored: JSONObject = ["type": .string(type)]
        if case .media(let media) = self {
            stored[type] = media.storedObject
        } else {
            stored[type] = graphObject(mediaID: nil)
        }
        return .object(stored)
    }

    private static let families = ["text", "location", "contacts", "reaction", "template", "interactive"]

    /// - Throws: when `stored` isn't what `storedJSON()` gives, or goes against the limits of today.
    package init(stored: JSON) throws(FieldError) {
        let types = Self.families + MediaKind.allCases.map(\.rawValue)
        let reader = try FieldReader(stored, allowed: ["type"] + types)
        let type = try reader.requiredChoice("type", of: types)
        guard let object = stored[type] else { throw reader.error(type, "is required") }
        if let kind = MediaKind(rawValue: type) {
            self = .media(try OutgoingMedia(stored: object, kind: kind, path: type))
            return
        }
        self =
            switch type {
            case "text": try .text(from: object, path: type)
            case "location": try .location(from: object, path: type)
            case "contacts": try .contacts(from: object, path: type)
            case "reaction": try .reaction(from: object, path: type)
            case "template": try .template(from: object, path: type)
            default: try .interactive(from: object, path: type)
            }
    }
}
