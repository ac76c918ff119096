extension MessageContent {
    static func button(in message: LooseObject) -> MessageContent {
        let button = message.object("button")
        let text = button?.text("text")
        let payload = button?.text("payload")
        guard text != nil || payload != nil else { return .incomplete("button", in: message) }
        return .button(text: text, payload: payload)
    }
}
