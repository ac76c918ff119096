import JSON

/// What a customer writes: one item of `messages[]` less its envelope.
struct CustomerWords: Sendable {
    let type: String
    /// The object under the type's name.
    let content: JSON
    var summary: String?
    /// The message that is quoted or answered.
    var replyTo: String?
    var forwarded = false
    var id: String?
    /// A whole item as the caller wants it; only what it lacks is filled in.
    var raw: JSONObject?

    func item(id: String, phone: Phone, businessNumber: String, at now: Int64) -> JSON {
        var item = raw ?? JSONObject()
        if item["from"] == nil, let number = phone.shownNumber { item["from"] = .string(number) }
        if item["from_user_id"] == nil, let user = phone.userID { item["from_user_id"] = .string(user) }
        if item["id"] == nil { item["id"] = .string(id) }
        if item["timestamp"] == nil { item["timestamp"] = .string(String(now / 1000)) }
        guard raw == nil else { return .object(item) }
        item["type"] = .string(type)
        item[type] = content
        if let replyTo {
            item["context"] = ["from": .string(businessNumber), "id": .string(replyTo)]
        } else if forwarded {
            item["context"] = ["forwarded": true]
        }
        return .object(item)
    }
}
