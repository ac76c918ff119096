import JSON

/// WhatsApp itself tells something about the customer.
package struct SystemNotice: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        case numberChanged, userIDChanged
        /// The customer's encryption keys are new: another phone, or another person.
        case identityChanged
        case other
    }

    package let kind: Kind
    /// A sentence for people; nothing is to be read from it.
    package let body: String?
    /// Digits.
    package let newWaID: String?
    package let newUserID: String?
    package let previousWaID: String?
    package let previousUserID: String?
    /// Meta's object, with the `identity` that stands beside it.
    package let raw: JSON

    package init(
        kind: Kind, body: String?, newWaID: String? = nil, newUserID: String? = nil, previousWaID: String? = nil,
        previousUserID: String? = nil, raw: JSON = [:]
    ) {
        self.kind = kind
        self.body = body
        self.newWaID = newWaID
        self.newUserID = newUserID
        self.previousWaID = previousWaID
        self.previousUserID = previousUserID
        self.raw = raw
    }
}

extension MessageContent {
    static func system(in message: LooseObject) -> MessageContent {
        guard let system = message.object("system"), var raw = system.json.object else {
            return .incomplete("system", in: message)
        }
        if let identity = message.object("identity") { raw["identity"] = identity.json }
        let kind = SystemNotice.Kind(system.text("type"))
        let changesNumber = kind == .numberChanged
        let changesUser = changesNumber || kind == .userIDChanged
        return .system(
            SystemNotice(
                kind: kind, body: system.text("body"),
                newWaID: changesUser ? system.phone("wa_id") ?? system.phone("new_wa_id") : nil,
                newUserID: changesUser ? system.text("user_id") : nil,
                previousWaID: changesNumber ? system.phone("customer") ?? message.phone("from") : nil,
                previousUserID: changesUser ? system.text("previous_user_id") : nil,
                raw: .object(raw)))
    }
}

extension SystemNotice.Kind {
    fileprivate init(_ type: String?) {
        switch type {
        case "user_changed_number", "customer_changed_number": self = .numberChanged
        case "user_changed_user_id": self = .userIDChanged
        case "customer_identity_changed", "user_identity_changed": self = .identityChanged
        default: self = .other
        }
    }
}
