import Fetch
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(1)))
struct SendTests {
    @Test func `an accepted text is reported as sent, delivered and read, in order, with the callback data`()
        async throws
    {
        try await Lab.run { lab in
            let answer = try await lab.send(
                to: "+1 (555) 010-0001",
                ["type": "text", "text": ["body": "Hello"], "biz_opaque_callback_data": "order-7"])
            #expect(answer.status == 200)
            #expect(answer.json["contacts"]?[0]?["input"] == "+1 (555) 010-0001")
            #expect(answer.json["contacts"]?[0]?["wa_id"] == "15550100001")
            #expect(answer.messageID.hasPrefix("wamid."))
            await lab.receiver.wait(items: 3)
            let items = lab.receiver.items
            #expect(items.map { $0["status"]?.string } == ["sent", "delivered", "read"])
            #expect(items.allSatisfy { $0["id"]?.string == answer.messageID })
            #expect(items.allSatisfy { $0["biz_opaque_callback_data"] == "order-7" })
            #expect(items.allSatisfy { $0["recipient_id"] == "15550100001" })
            #expect(items[0]["pricing"]?["pricing_model"] == "PMP")
            #expect(lab.receiver.posts.allSatisfy { $0.isSigned })
        }
    }

    @Test(arguments: ["/v25.0", "/v21.0", ""])
    func `any version prefix, and none, reaches the number`(prefix: String) async throws {
        try await Lab.run { lab in
            let answer = try await lab.graph("GET", "\(prefix)/200000000000101")
            #expect(answer.json["display_phone_number"] == "+1 555-020-0001")
        }
    }

    @Test func `a wrong token is 190, none is 104, an unknown number is 100 with subcode 33`() async throws {
        try await Lab.run { lab in
            let wrong = try await lab.graph("GET", "/v25.0/200000000000101", token: "stolen")
            #expect(wrong.status == 401 && wrong.errorCode == 190)
            let none = try await lab.graph("GET", "/v25.0/200000000000101", token: nil)
            #expect(none.status == 400 && none.errorCode == 104)
            let unknown = try await lab.graph("POST", "/v25.0/299999999999999/messages", ["to": "1"])
            #expect(unknown.status == 400 && unknown.errorCode == 100)
            #expect(unknown.json["error"]?["error_subcode"] == 33)
        }
    }

    static let accepted: [JSON] = [
        ["text": ["body": "type is text when it is left out"]],
        ["type": "text", "text": ["body": "https://example.test", "preview_url": true]],
        ["type": "image", "image": ["link": "https://example.test/a.jpg", "caption": "Look"]],
        ["type": "document", "document": ["link": "https://example.test/a.pdf", "filename": "a.pdf"]],
        ["type": "location", "location": ["latitude": 52, "longitude": "13.4", "name": "Here"]],
        ["type": "contacts", "contacts": [["name": ["formatted_name": "Sam S", "first_name": "Sam"]]]],
        ["type": "reaction", "reaction": ["message_id": "wamid.X", "emoji": ""]],
        ["type": "template", "template": ["name": "hello_world", "language": ["code": "en_US"]]],
        [
            "type": "template",
            "template": [
                "name": "order_update", "language": ["code": "en_US"],
                "components": [
                    [
                        "type": "body",
                        "parameters": [["type": "text", "text": "Alex"], ["type": "text", "text": "1042"]],
                    ]
                ],
            ],
        ],
        [
            "type": "interactive",
            "interactive": [
                "type": "button", "body": ["text": "Well?"],
                "action": ["buttons": [["type": "reply", "reply": ["id": "y", "title": "Yes"]]]],
            ],
        ],
        [
            "type": "interactive",
            "interactive": [
                "type": "list", "body": ["text": "Choose"],
                "action": ["button": "Open", "sections": [["rows": [["id": "1", "title": "One"]]]]],
            ],
        ],
        [
            "type": "interactive",
            "interactive": [
                "type": "cta_url", "body": ["text": "See"],
                "action": [
                    "name": "cta_url", "parameters": ["display_text": "Open", "url": "https://example.test"],
                ],
            ],
        ],
        [
            "type": "interactive",
            "interactive": [
                "type": "location_request_message", "body": ["text": "Where?"], "action": ["name": "send_location"],
            ],
        ],
    ]

    @Test(arguments: accepted)
    func `every kind of message is taken`(body: JSON) async throws {
        try await Lab.run { lab in
            let answer = try await lab.send(body)
            #expect(answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self))")
            #expect(!answer.messageID.isEmpty)
        }
    }

    static let refused: [(JSON, Int64, Int)] = [
        (["to": "", "type": "text", "text": ["body": "x"]], 131008, 400),
        (["to": "call me", "type": "text", "text": ["body": "x"]], 131009, 400),
        (["to": "15550200001", "type": "text", "text": ["body": "x"]], 131021, 400),
        (["type": "text"], 131008, 400),
        (["type": "text", "text": "x"], 131009, 400),
        (["type": "text", "text": ["body": ""]], 131008, 400),
        (["type": "text", "text": ["body": .string(String(repeating: "x", count: 4097))]], 100, 400),
        (["type": "carrier-pigeon"], 100, 400),
        (["messaging_product": "sms", "type": "text", "text": ["body": "x"]], 100, 400),
        (["type": "image", "image": [:]], 131008, 400),
        (["type": "image", "image": ["id": "1", "link": "https://x.test/"]], 131009, 400),
        (["type": "image", "image": ["id": "500000000000000"]], 100, 400),
        (["type": "audio", "audio": ["link": "https://x.test/", "caption": "no"]], 131009, 400),
        (["type": "location", "location": ["latitude": 91, "longitude": 0]], 131009, 400),
        (
            ["type": "reaction", "context": ["message_id": "a"], "reaction": ["message_id": "a", "emoji": "x"]], 131009,
            400
        ),
        (["type": "template", "template": ["name": "nope", "language": ["code": "en_US"]]], 132001, 404),
        (["type": "template", "template": ["name": "order_update", "language": ["code": "de"]]], 132001, 404),
        (["type": "template", "template": ["name": "order_update", "language": ["code": "en_US"]]], 132000, 400),
        (["type": "template", "template": ["name": "old_offer", "language": ["code": "en_US"]]], 132015, 400),
        (
            [
                "type": "interactive",
                "interactive": ["type": "button", "body": ["text": "?"], "action": ["buttons": []]],
            ], 131009, 400
        ),
        (["type": "interactive", "interactive": ["type": "button", "action": [:]]], 131008, 400),
        (["recipient_type": "group", "type": "text", "text": ["body": "x"]], 131041, 400),
    ]

    @Test(arguments: refused)
    func `what Meta refuses at once is refused with its code`(body: JSON, code: Int64, status: Int) async throws {
        try await Lab.run { lab in
            let answer = try await lab.send(body)
            #expect(answer.errorCode == code)
            #expect(answer.status == status)
            #expect(answer.json["error"]?["fbtrace_id"] != nil)
            #expect(try await lab.client.sent().isEmpty)
        }
    }

    @Test func `a send to a user id is answered and reported without a number`() async throws {
        try await Lab.run { lab in
            let answer = try await lab.send(["recipient": "US.1042", "type": "text", "text": ["body": "Hi"]])
            #expect(answer.json["contacts"]?[0] == ["input": "US.1042", "user_id": "US.1042"])
            await lab.receiver.wait(items: 1)
            #expect(lab.receiver.items[0]["recipient_id"] == nil)
            #expect(lab.receiver.items[0]["recipient_user_id"] == "US.1042")
        }
    }

    @Test func `a read mark covers the earlier messages of the chat and wants a known id`() async throws {
        try await Lab.run { lab in
            let first = try await lab.client.say("one", from: "15550100001")
            let second = try await lab.client.say("two", from: "15550100001")
            let body: JSON = [
                "messaging_product": "whatsapp", "status": "read", "message_id": .string(second),
                "typing_indicator": ["type": "text"],
            ]
            let answer = try await lab.graph("POST", "/v25.0/200000000000101/messages", body)
            #expect(answer.json == ["success": true])
            let inbox = try await lab.client.inbox(of: "15550100001")
            #expect(inbox["messages"]?.array?.map { $0["messageId"]?.string } == [first, second])
            #expect(inbox["messages"]?.array?.allSatisfy { $0["status"] == "read" } == true)
            let unknown: JSON = ["messaging_product": "whatsapp", "status": "read", "message_id": "wamid.no"]
            #expect(try await lab.graph("POST", "/v25.0/200000000000101/messages", unknown).errorCode == 131009)
        }
    }

    @Test func `the token, the subscription and the templates can be asked for`() async throws {
        try await Lab.run { lab in
            let token = try await lab.graph("GET", "/v25.0/debug_token?input_token=simulator-token")
            #expect(token.json["data"]?["is_valid"] == true)
            let page = try await lab.graph("GET", "/v25.0/100000000000101/message_templates?limit=2&fields=name")
            #expect(page.json["data"]?.array?.count == 2)
            let after = try #require(page.json["paging"]?["cursors"]?["after"]?.string)
            let next = try await lab.graph("GET", "/v25.0/100000000000101/message_templates?after=\(after)")
            #expect(next.json["paging"]?["next"] == nil)
            #expect((next.json["data"]?.array?.count ?? 0) + 2 == Template.all.count)
            #expect(
                try await lab.graph("GET", "/100000000000101/phone_numbers").json["data"]?[0]?["id"]
                    == "200000000000101")
            _ = try await lab.graph("DELETE", "/v25.0/100000000000101/subscribed_apps")
            #expect(try await lab.graph("GET", "/v25.0/100000000000101/subscribed_apps").json == ["data": []])
            _ = try await lab.client.say("nobody hears this", from: "15550100001")
            #expect(try await lab.client.state()["webhooks"]?["droppedUpdates"] == 1)
        }
    }
}
