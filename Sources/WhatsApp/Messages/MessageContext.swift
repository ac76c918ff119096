import JSON

/// What a message refers to.
package struct MessageContext: Sendable, Hashable {
    /// The wamid of the quoted message, which may be one that was never stored.
    package let messageID: String?
    /// The quoted message's author: a number as digits, in some webhooks the business' phone number id.
    package let from: String?
    package let forwarded: Bool
    package let frequentlyForwarded: Bool
    /// The catalogue product that the message was asked from.
    package let referredProduct: JSON?

    package init(
        messageID: String?, from: String? = nil, forwarded: Bool = false, frequentlyForwarded: Bool = false,
        referredProduct: JSON? = nil
    ) {
        self.messageID = messageID
        self.from = from
        self.forwarded = forwarded
        self.frequentlyForwarded = frequentlyForwarded
        self.referredProduct = referredProduct
    }

    /// Nil when the context says nothing.
    init?(_ context: LooseObject) {
        // "M0" is Meta's way of writing that there is no quoted message.
        let messageID = context.text("id").flatMap { $0 == "M0" ? nil : $0 }
        self.init(
            messageID: messageID, from: context.phone("from"), forwarded: context.flag("forwarded") ?? false,
            frequentlyForwarded: context.flag("frequently_forwarded") ?? false,
            referredProduct: context.object("referred_product")?.json)
        guard self != MessageContext(messageID: nil) else { return nil }
    }
}
