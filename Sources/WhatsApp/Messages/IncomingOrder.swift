extension MessageContent {
    /// Quantities and prices stay as they came: numbers, in older webhooks strings.
    static func order(in message: LooseObject) -> MessageContent {
        message.object("order").map { .order($0.json) } ?? .incomplete("order", in: message)
    }
}
