/// What a webhook tells of a customer. Any part may be missing; numbers are digits.
package struct WebhookContact: Sendable, Hashable {
    package let name: String?
    /// Without a leading `@`.
    package let username: String?
    package let waID: String?
    package let userID: String?
    package let parentUserID: String?
    /// Only where the identity check is switched on.
    package let identityKeyHash: String?

    package init(
        name: String?, username: String? = nil, waID: String?, userID: String? = nil, parentUserID: String? = nil,
        identityKeyHash: String? = nil
    ) {
        self.name = name
        self.username = username
        self.waID = waID
        self.userID = userID
        self.parentUserID = parentUserID
        self.identityKeyHash = identityKeyHash
    }

    init(_ contact: LooseObject) {
        let profile = contact.object("profile")
        let username = profile?.text("username").map { $0.hasPrefix("@") ? String($0.dropFirst()) : $0 }
        self.init(
            name: profile?.text("name"), username: username.flatMap { $0.isEmpty ? nil : $0 },
            waID: contact.phone("wa_id"), userID: contact.text("user_id"), parentUserID: contact.text("parent_user_id"),
            identityKeyHash: contact.text("identity_key_hash"))
    }
}
