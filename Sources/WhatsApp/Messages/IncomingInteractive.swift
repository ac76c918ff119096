import JSON

/// The answer to an interactive message.
package struct InteractiveReply: Sendable, Hashable {
    /// `button_reply`, `list_reply`, `nfm_reply` (a flow or an address form) or `call_permission_reply`.
    package let kind: String
    /// The id that the business gave the button or the row.
    package let id: String?
    package let title: String?
    package let description: String?
    /// Meta's object of that kind. An `nfm_reply` has its answers in `response`, or, if those were no JSON, still as
    /// text in `response_json`.
    package let data: JSON

    package init(kind: String, id: String?, title: String?, description: String? = nil, data: JSON) {
        self.kind = kind
        self.id = id
        self.title = title
        self.description = description
        self.data = data
    }
}

extension MessageContent {
    static func interactive(in message: LooseObject) -> MessageContent {
        guard let interactive = message.object("interactive"), let kind = interactive.text("type") else {
            return .incomplete("interactive", in: message)
        }
        guard ["button_reply", "list_reply", "nfm_reply", "call_permission_reply"].contains(kind) else {
            return .unsupported(kind: kind, reason: "an unknown kind of interactive answer")
        }
        guard let reply = interactive.object(kind) else {
            return .unsupported(kind: kind, reason: "an interactive answer without its `\(kind)`")
        }
        return .interactive(
            InteractiveReply(
                kind: kind, id: reply.text("id"), title: reply.text("title"), description: reply.text("description"),
                data: kind == "nfm_reply" ? readingResponse(reply) : reply.json))
    }

    /// A flow's answers travel as JSON within a string.
    private static func readingResponse(_ reply: LooseObject) -> JSON {
        guard var data = reply.json.object, let json = data["response_json"] else { return reply.json }
        if case .string(let text) = json {
            // Text that is no JSON stays what it is. The bound leaves room for what stands around it.
            guard let response = try? JSON(parsing: text.utf8, mode: .lenient, maxDepth: Webhook.maxDepth / 2) else {
                return reply.json
            }
            data["response"] = response.replacingNUL()
        } else {
            data["response"] = json
        }
        data["response_json"] = nil
        return .object(data)
    }
}
