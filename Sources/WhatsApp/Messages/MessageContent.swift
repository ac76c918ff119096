import JSON

/// What a message says, by kind. A new kind is a file beside this one, a case, and a line in the switch below.
package indirect enum MessageContent: Sendable, Hashable {
    case text(String)
    case media(MediaReference)
    case location(Location)
    /// Meta's contact objects, at least one.
    case contacts([JSON])
    case interactive(InteractiveReply)
    /// The answer to a quick-reply button of a template.
    case button(text: String?, payload: String?)
    /// Concerns the message `messageID`; without an emoji an earlier reaction is taken back.
    case reaction(messageID: String, emoji: String?)
    case order(JSON)
    case system(SystemNotice)
    /// The message `originalID` now says `content`, which is of Meta's kind `type`.
    case edit(originalID: String, type: String, content: MessageContent)
    case revoke(originalID: String)
    /// The customer opened the chat for the first time.
    case welcome
    /// - Parameters:
    ///   - kind: what Meta calls the kind that it or this gateway can't carry, where it is known.
    ///   - reason: in words.
    case unsupported(kind: String?, reason: String)

    init(_ message: LooseObject) {
        let type = message.text("type") ?? ""
        switch type {
        case "text": self = Self.text(in: message)
        case "image", "video", "audio", "document", "sticker": self = Self.media(type, in: message)
        case "location": self = Self.location(in: message)
        case "contacts": self = Self.contacts(in: message)
        case "interactive": self = Self.interactive(in: message)
        case "button": self = Self.button(in: message)
        case "reaction": self = Self.reaction(in: message)
        case "order": self = Self.order(in: message)
        case "system": self = Self.system(in: message)
        case "edit": self = Self.edit(in: message)
        case "revoke": self = Self.revoke(in: message)
        case "request_welcome": self = .welcome
        default: self = Self.unsupported(type, in: message)
        }
    }
}
