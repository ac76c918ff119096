import JSON

/// What a fault rule can match on.
struct FaultSubject: Sendable {
    let method: String
    /// Without version and query, with a slash before it.
    let path: String
    /// Digits of the recipient, or a BSUID.
    let to: String?
    let type: String?
    /// The object of the type as JSON text.
    let text: String?
    /// Tells attempts of one message from other messages.
    let attemptKey: String

    init(call: Call, path: [String]) {
        method = call.method
        self.path = "/" + path.joined(separator: "/")
        guard call.method == "POST", path.last == "messages",
            // A body that can't be parsed is refused later; no fault can match it by content.
            let body = try? JSON(parsing: call.body)
        else {
            (to, type, text, attemptKey) = (nil, nil, nil, "")
            return
        }
        let recipient = body["to"]?.string ?? body["recipient"]?.string
        let type = body["status"] == nil ? body["type"]?.string ?? "text" : body["status"]?.string ?? ""
        to = recipient.map { SendRequest.digits(of: $0) ?? $0 }
        self.type = type
        text = body[type]?.text
        attemptKey = "\(to ?? "") \(body["biz_opaque_callback_data"]?.string ?? "") \(text ?? "")"
    }
}
