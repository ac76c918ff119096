import JSON

/// An entry of the business phone's address book was added, changed or removed.
package struct ContactSync: Sendable, Hashable {
    /// `add` (also for changes), `remove`, or something new.
    package let action: String
    /// Digits.
    package let phone: String
    package let fullName: String?
    package let firstName: String?
    /// Milliseconds.
    package let timestamp: Int64?

    package init(action: String, phone: String, fullName: String?, firstName: String?, timestamp: Int64?) {
        self.action = action
        self.phone = phone
        self.fullName = fullName
        self.firstName = firstName
        self.timestamp = timestamp
    }

    init?(_ item: LooseObject) {
        let contact = item.object("contact")
        guard let phone = contact?.phone("phone_number"), let action = item.text("action") else { return nil }
        self.init(
            action: action, phone: phone, fullName: contact?.text("full_name"), firstName: contact?.text("first_name"),
            timestamp: item.object("metadata")?.milliseconds("timestamp"))
    }
}
