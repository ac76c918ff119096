import WhatsApp

/// Whose order a webhook takes part in: two that share a customer must not be written at the same time.
struct WebhookReach: Sendable {
    /// Hashes of every id by which a customer goes in it. Two customers of one hash wait for each other, no more.
    private(set) var customers: [Int] = []
    /// Whether it gives a customer another id, so that the ids in other webhooks do not tell whose they are.
    private(set) var isEverybody = false

    init(_ webhook: Webhook) {
        for item in webhook.items {
            switch item.content {
            case .message(let message, let contact), .echo(let message, let contact): add(message, contact)
            case .history(let message, let thread, _):
                add(message, nil)
                add(phone: thread)
            case .status(let update, let contact):
                add(phone: update.recipientID)
                add(update.recipientUserID)
                add(contact)
            case .call(let call):
                add(phone: call.from)
                add(call.fromUserID)
            case .identityChange: isEverybody = true
            case .unsupported, .contactSync, .errors, .notice: break
            }
        }
    }

    private mutating func add(_ message: IncomingMessage, _ contact: WebhookContact?) {
        if case .system = message.content { isEverybody = true }
        add(phone: message.from)
        add(phone: message.to)
        for id in [message.groupID, message.fromUserID, message.toUserID] { add(id) }
        add(contact)
    }

    private mutating func add(_ contact: WebhookContact?) {
        add(phone: contact?.waID)
        add(contact?.userID)
    }

    private mutating func add(_ id: String?) {
        if let id { customers.append(id.hashValue) }
    }

    /// A number in another form is the same customer; what is no number is taken as it stands.
    private mutating func add(phone: String?) {
        guard let phone else { return }
        for form in PhoneNumber(phone)?.variants ?? [phone] { add(form) }
    }
}
