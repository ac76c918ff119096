extension MessageContent {
    static func edit(in message: LooseObject) -> MessageContent {
        guard let edit = message.object("edit"), let original = edit.text("original_message_id"),
            let edited = edit.object("message")
        else { return .incomplete("edit", in: message) }
        let type = edited.text("type") ?? ""
        let content = MessageContent(edited)
        switch content {
        case .edit, .revoke, .reaction, .system, .welcome:
            return .unsupported(kind: "edit", reason: "an edit that holds no message")
        default:
            return .edit(originalID: original, type: type, content: content)
        }
    }

    static func revoke(in message: LooseObject) -> MessageContent {
        guard let original = message.object("revoke")?.text("original_message_id") else {
            return .incomplete("revoke", in: message)
        }
        return .revoke(originalID: original)
    }
}
