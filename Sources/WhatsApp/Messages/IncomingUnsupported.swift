extension MessageContent {
    /// A kind that Meta itself could not carry, or one that is unknown here.
    static func unsupported(_ type: String, in message: LooseObject) -> MessageContent {
        let told = MetaError.parseList(message["errors"]).first?.summary
        switch type {
        case "unsupported", "unknown":
            let kind = message.object("unsupported")?.text("type")
            return .unsupported(
                kind: kind == "unknown" ? nil : kind, reason: told ?? "WhatsApp could not pass this message on")
        case "media_placeholder":
            return .unsupported(kind: type, reason: told ?? "the media of an old message, which may follow")
        case "": return .unsupported(kind: nil, reason: told ?? "a message without a type")
        default: return .unsupported(kind: type, reason: told ?? "an unknown kind of message")
        }
    }

    /// A known kind whose own part is missing or not as it should be, by Meta's word where Meta says why.
    static func incomplete(_ type: String, in message: LooseObject) -> MessageContent {
        let told = MetaError.parseList(message["errors"]).first?.summary
        let state = message.value(type) == nil ? "missing" : "not as expected"
        return .unsupported(kind: type, reason: told ?? "its `\(type)` is \(state)")
    }
}
