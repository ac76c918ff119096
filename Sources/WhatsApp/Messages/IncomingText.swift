extension MessageContent {
    static func text(in message: LooseObject) -> MessageContent {
        guard let text = message.object("text") else { return .incomplete("text", in: message) }
        if case .string(let body)? = text["body"] { return .text(body) }
        return text.text("body").map { .text($0) } ?? .incomplete("text", in: message)
    }
}
