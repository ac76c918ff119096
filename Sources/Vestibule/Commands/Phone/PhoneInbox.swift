import JSON

/// What the simulator tells of one phone.
struct PhoneInbox: Sendable {
    private let messages: [JSON]

    init(_ phone: JSON) {
        messages = phone["messages"]?.array ?? []
    }

    var lastFromBusiness: String? {
        messages.last { $0["from"]?.string == "business" }?["messageId"]?.string
    }

    /// A line for each message: who, how far it has come, what, and its id.
    var text: String {
        guard !messages.isEmpty else { return "no messages yet" }
        return messages.map { message in
            let isOwn = message["from"]?.string == "customer"
            let type = message["type"]?.string ?? "unknown"
            let words = message["text"]?.string ?? ""
            let content = type == "text" ? words : words.isEmpty ? "[\(type)]" : "[\(type)] \(words)"
            let state = isOwn ? "" : " (\(message["status"]?.string ?? "unknown"))"
            return "\(isOwn ? "me" : "business")\(state): \(content)\n    \(message["messageId"]?.string ?? "")"
        }.joined(separator: "\n")
    }
}
