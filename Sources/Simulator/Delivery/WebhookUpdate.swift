import JSON

/// One thing to tell the business: a message or a status.
struct WebhookUpdate: Sendable {
    enum Kind: Sendable {
        case message(JSON)
        case status(JSON)
    }

    let kind: Kind
    /// Item of `contacts[]`.
    let contact: JSON?
    /// Updates of one lane are posted in order; it is the customer's key.
    let lane: String
    /// For the log: `message wamid…`, `read wamid…`.
    let label: String
}

/// The envelope around updates: one change for each run of messages or of statuses, so that order is kept.
struct WebhookEnvelope: Sendable {
    let businessAccountID: String
    let phoneNumberID: String
    let displayPhoneNumber: String

    func body(_ updates: some Sequence<WebhookUpdate>) -> JSON {
        var changes: [JSON] = []
        var run: [WebhookUpdate] = []
        for update in updates {
            if let last = run.last, isStatus(last) != isStatus(update) {
                changes.append(change(run))
                run = []
            }
            run.append(update)
        }
        if !run.isEmpty { changes.append(change(run)) }
        return [
            "object": "whatsapp_business_account",
            "entry": [["id": .string(businessAccountID), "changes": .array(changes)]],
        ]
    }

    private func isStatus(_ update: WebhookUpdate) -> Bool {
        if case .status = update.kind { true } else { false }
    }

    private func change(_ updates: [WebhookUpdate]) -> JSON {
        var seen: Set<JSON> = []
        let contacts = updates.compactMap(\.contact).filter { seen.insert($0).inserted }
        let items = updates.map { update in
            switch update.kind {
            case .message(let item), .status(let item): item
            }
        }
        let value: JSON = .fields([
            "messaging_product": "whatsapp",
            "metadata": [
                "display_phone_number": .string(displayPhoneNumber), "phone_number_id": .string(phoneNumberID),
            ],
            "contacts": contacts.isEmpty ? nil : .array(contacts),
            updates.first.map(isStatus) == true ? "statuses" : "messages": .array(items),
        ])
        return ["value": value, "field": "messages"]
    }
}
