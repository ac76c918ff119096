import JSON

@testable import Gateway

/// An item of the model test with the names it goes by in its run, and as Meta posts it.
enum ModelWebhook {
    case text(customer: Int, phone: String, id: String, text: String, time: Int64)
    case echo(customer: Int, phone: String, id: String, text: String, time: Int64)
    case status(kind: String, wamid: String, time: Int64, callback: String?)
    case change(ModelReference.Change, phone: String)

    var body: [UInt8] {
        switch self {
        case .text(_, let phone, let id, let text, let time):
            Self.messages([Self.message(id, time, "text", ["body": .string(text)], from: phone)])
        case .echo(_, let phone, let id, let text, let time):
            Harness.webhook(
                [
                    "message_echoes": [
                        Self.message(
                            id, time, "text", ["body": .string(text)], from: Harness.businessNumber, to: phone)
                    ]
                ], field: "smb_message_echoes"
            ).encoded()
        case .status(let kind, let wamid, let time, let callback):
            Harness.webhook(["statuses": [Self.status(kind, wamid, time, callback)]]).encoded()
        case .change(let change, let phone):
            Self.messages([Self.message(change.id, change.time, change.kind, Self.content(change), from: phone)])
        }
    }

    private static func messages(_ messages: [JSON]) -> [UInt8] {
        Harness.webhook(["messages": .array(messages)]).encoded()
    }

    private static func message(
        _ id: String, _ time: Int64, _ kind: String, _ content: JSON, from: String, to: String? = nil
    ) -> JSON {
        var message: JSONObject = [
            "from": .string(from), "id": .string(id), "timestamp": .string(String(time / 1000)), "type": .string(kind),
        ]
        message["to"] = to.map(JSON.string)
        message[kind] = content
        return .object(message)
    }

    private static func content(_ change: ModelReference.Change) -> JSON {
        switch change.kind {
        case "reaction":
            ["message_id": .string(change.target), "emoji": change.value.isEmpty ? .null : .string(change.value)]
        case "edit":
            [
                "original_message_id": .string(change.target),
                "message": ["type": "text", "text": ["body": .string(change.value)]],
            ]
        default: ["original_message_id": .string(change.target)]
        }
    }

    private static func status(_ kind: String, _ wamid: String, _ time: Int64, _ callback: String?) -> JSON {
        var status: JSONObject = [
            "id": .string(wamid), "status": .string(kind), "timestamp": .string(String(time / 1000)),
            "recipient_id": "15550100001",
        ]
        status["biz_opaque_callback_data"] = callback.map(JSON.string)
        if kind == "failed" { status["errors"] = [["code": 131026, "title": "Message undeliverable"]] }
        return .object(status)
    }
}

extension Message {
    /// The message as the reference tells it.
    var view: ModelReference.View {
        var view = ModelReference.View(
            sequence: sequence, id: direction == .incoming ? whatsappMessageID ?? "" : messageID.rawValue,
            isOutgoing: direction == .outgoing, text: text ?? "", status: status.rawValue, times: [:], reactions: [:],
            isEdited: editedAt != nil, isDeleted: deletedAt != nil)
        if let id = whatsappMessageID, id.contains(".echo.") { view.id = id }
        for (kind, time) in [
            ("sent", sentAt), ("delivered", deliveredAt), ("read", readAt), ("played", playedAt), ("failed", failedAt),
        ] {
            view.times[kind] = time
        }
        for reaction in reactions { view.reactions[reaction.from] = reaction.emoji }
        return view
    }
}
