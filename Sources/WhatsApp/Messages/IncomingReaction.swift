extension MessageContent {
    static func reaction(in message: LooseObject) -> MessageContent {
        guard let reaction = message.object("reaction"), let target = reaction.text("message_id") else {
            return .incomplete("reaction", in: message)
        }
        return .reaction(messageID: target, emoji: reaction.text("emoji"))
    }
}
