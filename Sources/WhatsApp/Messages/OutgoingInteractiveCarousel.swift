import JSON

extension InteractiveMessage {
    /// 2 to 10 cards of one kind under a common text.
    func checkCarousel() throws(FieldError) {
        try refuse("header", "footer")
        try checkBody()
        let cards = try action(["cards"]).requiredReaders(
            "cards", count: 2...10, allowed: ["card_index", "type", "header", "body", "action"])
        var places: Set<Int64> = []
        var kind: String?
        for card in cards {
            guard places.insert(try card.requiredInteger("card_index", 0...9)).inserted else {
                throw card.error("card_index", "must differ from that of the other cards")
            }
            let cardKind = try card.requiredChoice("type", of: ["cta_url", "product"])
            guard cardKind == kind ?? cardKind else { throw card.error("type", "must be the same on all cards") }
            kind = cardKind
            try Self.checkCard(card, cardKind)
        }
    }

    private static func checkCard(_ card: FieldReader, _ kind: String) throws(FieldError) {
        try checkHeader(of: card, ["image", "video"])
        if let body = try card.reader("body", allowed: ["text"]) {
            let text = try body.requiredString("text", 1...160)
            guard text.count(where: \.isNewline) <= 2 else {
                throw body.error("text", "must have at most two line breaks")
            }
        }
        if kind == "product" {
            try ProductFields.checkProduct(
                try card.requiredReader("action", allowed: ["catalog_id", "product_retailer_id"]))
        } else {
            try checkLinkAction(try card.requiredReader("action", allowed: ["name", "parameters"]))
        }
    }
}
