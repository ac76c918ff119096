import JSON

extension MessageContent {
    static func contacts(in message: LooseObject) -> MessageContent {
        let cards = (message.array("contacts") ?? []).filter { $0.object != nil }
        return cards.isEmpty ? .incomplete("contacts", in: message) : .contacts(cards)
    }
}
