import JSON

/// Made-up traffic of some customers, one item after the other in Meta's order of time: messages of several kinds,
/// echoes with their statuses, reactions, edits and deletions, alone or several in a webhook.
struct RedeliveryTraffic {
    private(set) var webhooks: [[UInt8]] = []

    private static let customers = 24
    private static let prefix = "1555030"
    /// Past, so that no window and no clock plays a part.
    private static let start = 1_785_000_000

    static func isOurs(_ room: String) -> Bool { room.hasPrefix("whatsapp_\(prefix)") }

    init(_ count: Int, using random: inout SeededGenerator) {
        var number = 0
        while webhooks.count < count {
            var changes: [JSON] = []
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                changes.append(Self.change(number, &random))
                number += 1
            }
            let body: JSON = [
                "object": "whatsapp_business_account",
                "entry": [["id": "100000000000101", "changes": .array(changes)]],
            ]
            webhooks.append(body.encoded())
        }
    }

    private static func change(_ number: Int, _ random: inout SeededGenerator) -> JSON {
        let customer = number % customers
        let phone = "\(prefix)\(1000 + customer)"
        // Mostly the customer's last message or echo, sometimes one that is only to come.
        let near = number - number % 10 + [0, 0, 0, 10].randomElement(using: &random)!
        func item(_ type: String, _ content: JSON) -> JSONObject {
            [
                "from": .string(phone), "id": .string("wamid.in.\(number)"), "type": .string(type),
                "timestamp": .string(String(start + number)), type: content,
            ]
        }
        func messages(_ item: JSONObject) -> JSON {
            value(
                "messages",
                [
                    "messages": [.object(item)],
                    "contacts": [
                        ["profile": ["name": .string("Customer \(customer)")], "wa_id": .string(phone)]
                    ],
                ])
        }
        switch number % 10 {
        case 1:
            var echo = item("text", ["body": .string("echo \(number)")])
            echo["id"] = .string("wamid.echo.\(number - 1)")
            echo["from"] = "15550200001"
            echo["to"] = .string(phone)
            return value("smb_message_echoes", ["message_echoes": [.object(echo)]])
        case 2, 3, 4:
            let status = ["sent", "delivered", "read"][number % 10 - 2]
            return value(
                "messages",
                [
                    "statuses": [
                        [
                            "id": .string("wamid.echo.\(near)"), "status": .string(status),
                            "timestamp": .string(String(start + number)), "recipient_id": .string(phone),
                        ]
                    ]
                ])
        case 5:
            let emoji = ["👍", "🎉", ""].randomElement(using: &random)!
            return messages(
                item("reaction", ["message_id": .string("wamid.in.\(near)"), "emoji": .string(emoji)]))
        case 6:
            return messages(
                item(
                    "edit",
                    [
                        "original_message_id": .string("wamid.in.\(near)"),
                        "message": ["type": "text", "text": ["body": .string("edited \(number)")]],
                    ]))
        case 7 where number % 30 == 7:
            return messages(item("revoke", ["original_message_id": .string("wamid.in.\(near)")]))
        case 8:
            return messages(
                item("image", ["id": .string("\(number)"), "mime_type": "image/jpeg", "caption": "look"]))
        default: return messages(item("text", ["body": .string("words \(number)")]))
        }
    }

    private static func value(_ field: String, _ value: JSONObject) -> JSON {
        var value = value
        value["messaging_product"] = "whatsapp"
        value["metadata"] = ["display_phone_number": "15550200001", "phone_number_id": "200000000000101"]
        return ["field": .string(field), "value": .object(value)]
    }
}
