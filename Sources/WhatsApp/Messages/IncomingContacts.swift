import JSON

extension MessageContent {
    static func contacts(in message: LooseObject) -> MessageContent {
        // `origin` tells an answer to a request for the number; some webhooks have it beside the cards.
        let origin = message.text("origin")
        let cards = (message.array("contacts") ?? []).compactMap { json -> JSON? in
            guard var card = json.object else { return nil }
            if let origin, card["origin"] == nil { card["origin"] = .string(origin) }
            return .object(card)
        }
        return cards.isEmpty ? .incomplete("contacts", in: message) : .contacts(cards)
    }
}
