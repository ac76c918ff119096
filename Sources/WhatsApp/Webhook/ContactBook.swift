import JSON

/// The `contacts` of a change, found by their ids: their order says nothing about the messages beside them.
struct ContactBook {
    private var byPhone: [String: WebhookContact] = [:]
    private var byUser: [String: WebhookContact] = [:]
    /// The only contact, when it has a name but no id of any kind.
    private(set) var nameless: WebhookContact?

    init(_ json: JSON?) {
        let contacts = (json?.array ?? []).compactMap { LooseObject($0).map(WebhookContact.init) }
        for contact in contacts {
            if let phone = contact.waID { byPhone[phone] = contact }
            if let user = contact.userID { byUser[user] = contact }
        }
        if contacts.count == 1, let only = contacts.first, only.waID == nil, only.userID == nil { nameless = only }
    }

    func find(phone: String?, userID: String?) -> WebhookContact? {
        if let userID, let contact = byUser[userID] { return contact }
        guard let phone, !byPhone.isEmpty else { return nil }
        if let contact = byPhone[phone] { return contact }
        // `from` and `wa_id` may be two spellings of one number.
        return PhoneNumber(phone)?.variants.lazy.compactMap { byPhone[$0] }.first
    }
}
