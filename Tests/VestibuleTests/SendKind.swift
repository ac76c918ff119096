import JSON
import Testing

/// One kind of content as a caller sends it, and as Meta must get it.
struct SendKind: Sendable, CustomTestStringConvertible {
    let name: String
    /// Without the number; `{wamid}` stands for the id of a message of the customer's.
    let body: JSON
    let type: String
    /// Members of Meta's object of that type, as far as the caller decides them.
    let content: JSON
    /// Members of the message as it is told afterwards.
    var told: JSON = [:]

    var testDescription: String { name }

    static let all = plain + interactive

    private static let plain: [SendKind] = [
        SendKind(
            name: "text", body: ["text": "Hello\n*bold* 🙂"], type: "text",
            content: ["body": "Hello\n*bold* 🙂", "preview_url": false], told: ["text": "Hello\n*bold* 🙂"]),
        SendKind(
            name: "text with preview", body: ["text": "See https://example.com", "previewUrl": true], type: "text",
            content: ["body": "See https://example.com", "preview_url": true]),
        SendKind(
            name: "text that says so", body: ["text": "Hello", "mediaType": "text"], type: "text",
            content: ["body": "Hello"]),
        SendKind(
            name: "reply", body: ["text": "About that", "replyTo": "{wamid}"], type: "text",
            content: ["body": "About that"]),
        SendKind(
            name: "location",
            body: ["location": ["latitude": 52.5, "longitude": 13.25, "name": "Here", "address": "Street 1"]],
            type: "location",
            content: ["latitude": 52.5, "longitude": 13.25, "name": "Here", "address": "Street 1"],
            told: ["location": ["latitude": 52.5, "longitude": 13.25, "name": "Here", "address": "Street 1"]]),
        SendKind(
            name: "contacts", body: ["contacts": [card]], type: "contacts", content: [card],
            told: ["contacts": [card]]),
        SendKind(
            name: "template",
            body: ["template": ["name": "order_update", "language": "en-US", "components": order]],
            type: "template",
            content: ["name": "order_update", "language": ["code": "en_US"], "components": order]),
    ]

    private static let card: JSON = [
        "name": ["formatted_name": "Sam Example", "first_name": "Sam"],
        "phones": [["phone": "+15550100077", "type": "CELL"]], "emails": [["email": "sam@example.com"]],
    ]
    private static let order: JSON = [
        ["type": "body", "parameters": [["type": "text", "text": "Sam"], ["type": "text", "text": "1042"]]]
    ]

    private static func interactive(_ name: String, _ object: JSON) -> SendKind {
        SendKind(
            name: "interactive \(name)", body: ["interactive": object], type: "interactive", content: object,
            told: ["interactive": object])
    }

    private static let interactive: [SendKind] = [
        interactive(
            "buttons",
            [
                "type": "button", "header": ["type": "text", "text": "Delivery"], "body": ["text": "Is today fine?"],
                "footer": ["text": "Answer by noon"],
                "action": [
                    "buttons": [
                        ["type": "reply", "reply": ["id": "y", "title": "Yes"]],
                        ["type": "reply", "reply": ["id": "n", "title": "No"]],
                    ]
                ],
            ]),
        interactive(
            "list",
            [
                "type": "list", "body": ["text": "Which one?"],
                "action": [
                    "button": "Choose",
                    "sections": [
                        ["title": "Small", "rows": [["id": "s", "title": "Small", "description": "One person"]]],
                        ["title": "Large", "rows": [["id": "l", "title": "Large"]]],
                    ],
                ],
            ]),
        interactive(
            "cta_url",
            [
                "type": "cta_url", "body": ["text": "Track it"],
                "action": [
                    "name": "cta_url",
                    "parameters": ["display_text": "Track", "url": "https://example.com/t/1042"],
                ],
            ]),
        interactive(
            "flow",
            [
                "type": "flow", "body": ["text": "Book a table"],
                "action": [
                    "name": "flow",
                    "parameters": [
                        "flow_message_version": "3", "flow_id": "123456789012345", "flow_cta": "Book",
                        "flow_token": "token-1", "flow_action": "navigate",
                        "flow_action_payload": ["screen": "START", "data": ["persons": 2]],
                    ],
                ],
            ]),
        interactive(
            "location request",
            [
                "type": "location_request_message", "body": ["text": "Where are you?"],
                "action": ["name": "send_location"],
            ]),
    ]
}

/// One kind of file as a caller sends it.
struct SendFile: Sendable, CustomTestStringConvertible {
    /// The name of the simulator's sample.
    let sample: String
    let mediaType: String
    /// Meta's kind.
    let type: String
    let mimeType: String
    var extra: JSONObject = [:]
    /// Members of Meta's object, beside the id.
    var content: JSON = [:]
    var told: JSON = [:]

    var testDescription: String { mediaType }

    static let all: [SendFile] = [
        SendFile(
            sample: "image", mediaType: "image", type: "image", mimeType: "image/jpeg", extra: ["caption": "Look"],
            content: ["caption": "Look"], told: ["caption": "Look"]),
        SendFile(
            sample: "video", mediaType: "video", type: "video", mimeType: "video/mp4", extra: ["text": "Watch"],
            content: ["caption": "Watch"], told: ["caption": "Watch"]),
        SendFile(sample: "audio", mediaType: "audio", type: "audio", mimeType: "audio/mpeg"),
        SendFile(
            sample: "voice", mediaType: "voice", type: "audio", mimeType: "audio/ogg", content: ["voice": true]),
        SendFile(
            sample: "document", mediaType: "document", type: "document", mimeType: "application/pdf",
            extra: ["fileName": "Rechnung März.pdf", "caption": "Yours"],
            content: ["filename": "Rechnung März.pdf", "caption": "Yours"], told: ["fileName": "Rechnung März.pdf"]),
        SendFile(sample: "sticker", mediaType: "sticker", type: "sticker", mimeType: "image/webp"),
    ]
}
