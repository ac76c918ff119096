import Fetch
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(1)))
struct PhoneTests {
    @Test func `what a customer writes reaches the webhook with contact and quote`() async throws {
        try await Lab.run { lab in
            let id = try await lab.client.write(
                [
                    "text": "Grüße / <b>", "replyTo": "wamid.Q",
                    "profile": ["name": "Zoë", "username": "zoe.z", "userId": "DE.77"],
                ], from: "+49 170 1234567")
            await lab.receiver.wait(posts: 1)
            let value = try #require(lab.receiver.posts[0].json["entry"]?[0]?["changes"]?[0]?["value"])
            #expect(value["metadata"]?["phone_number_id"] == "200000000000101")
            #expect(
                value["contacts"]?[0] == [
                    "profile": ["name": "Zoë", "username": "zoe.z"], "wa_id": "491701234567", "user_id": "DE.77",
                ])
            let message = try #require(value["messages"]?[0])
            #expect(message["id"]?.string == id)
            #expect(message["from"] == "491701234567" && message["from_user_id"] == "DE.77")
            #expect(message["text"] == ["body": "Grüße / <b>"])
            #expect(message["context"] == ["from": "15550200001", "id": "wamid.Q"])
        }
    }

    @Test func `bodies are escaped as Meta escapes them and signed over those bytes`() async throws {
        try await Lab.run { lab in
            _ = try await lab.client.say("Zażółć 🚚 a/b <tag> me@example.test", from: "15550100001")
            await lab.receiver.wait(posts: 1)
            let post = lab.receiver.posts[0]
            let text = String(decoding: post.body, as: UTF8.self)
            #expect(text.contains(#"Za\u017c\u00f3\u0142\u0107 \ud83d\ude9a a\/b \u003Ctag> me\u0040example.test"#))
            #expect(post.body.allSatisfy { $0 < 0x80 })
            #expect(post.isSigned)
            #expect(post.headers["content-type"] == "application/json")
        }
    }

    @Test(arguments: ["image", "video", "audio", "voice", "document", "sticker"])
    func `a sample of each kind can be fetched and has the hash that was told`(kind: String) async throws {
        try await Lab.run { lab in
            _ = try await lab.client.sendMedia(kind, from: "15550100001")
            await lab.receiver.wait(posts: 1)
            let message = lab.receiver.items[0]
            let type = kind == "voice" ? "audio" : kind
            #expect(message["type"]?.string == type)
            let media = try #require(message[type])
            if type == "audio" { #expect(media["voice"]?.bool == (kind == "voice")) }
            let id = try #require(media["id"]?.string)
            let info = try await lab.graph("GET", "/v25.0/\(id)").json
            let url = try #require(info["url"]?.string)
            let file = try await lab.graph("GET", String(url.dropFirst(lab.base.count)))
            #expect(file.status == 200)
            #expect(file.headers.first("Content-Type") == media["mime_type"]?.string)
            #expect(Int64(file.body.count) == info["file_size"]?.int)
            #expect(file.body == SampleMedia.of(kind)?.bytes)
            let bare = try await lab.graph("GET", String(url.dropFirst(lab.base.count)), token: nil)
            #expect(bare.status == 401)
        }
    }

    @Test func `given bytes arrive as they are, under the declared type and name`() async throws {
        try await Lab.run { lab in
            let bytes = (0..<5000).map { UInt8($0 % 251) }
            _ = try await lab.client.sendMedia(
                "document", bytes: bytes, mimeType: "image/vnd.dwg", fileName: "../../plan.dwg", caption: "See",
                from: "15550100001")
            await lab.receiver.wait(posts: 1)
            let document = try #require(lab.receiver.items[0]["document"])
            #expect(document["filename"] == "../../plan.dwg" && document["caption"] == "See")
            let link = try #require(document["url"]?.string)
            #expect(try await lab.graph("GET", String(link.dropFirst(lab.base.count))).body == bytes)
        }
    }

    static let others: [(JSON, String, JSON)] = [
        (["location": ["latitude": 52.5, "longitude": 13.4]], "location", ["latitude": 52.5, "longitude": 13.4]),
        (["reaction": ["messageId": "wamid.Q", "emoji": ""]], "reaction", ["message_id": "wamid.Q"]),
        (
            ["buttonReply": ["id": "y", "title": "Yes"]], "interactive",
            ["type": "button_reply", "button_reply": ["id": "y", "title": "Yes"]]
        ),
        (
            ["listReply": ["id": "1", "title": "One", "description": "first"]], "interactive",
            ["type": "list_reply", "list_reply": ["id": "1", "title": "One", "description": "first"]]
        ),
        (["templateButton": ["text": "Stop", "payload": "p"]], "button", ["payload": "p", "text": "Stop"]),
        (["order": ["catalog_id": "9"]], "order", ["catalog_id": "9"]),
        (["raw": ["type": "future", "future": ["x": 1]]], "future", ["x": 1]),
        (
            ["flowReply": ["a": 1]], "interactive",
            ["type": "nfm_reply", "nfm_reply": ["name": "flow", "body": "Sent", "response_json": "{\"a\":1}"]]
        ),
    ]

    @Test(arguments: others)
    func `every other kind has the form of Meta's webhooks`(body: JSON, type: String, content: JSON) async throws {
        try await Lab.run { lab in
            _ = try await lab.client.write(body, from: "15550100001")
            await lab.receiver.wait(posts: 1)
            #expect(lab.receiver.items[0]["type"]?.string == type)
            #expect(lab.receiver.items[0][type] == content)
        }
    }

    static let bad: [(JSON, String)] = [
        ([:], "needs one of"), (["text": "a", "order": [:]], "only one of"), (["text": 7], "`text`"),
        (["txt": "a"], "`txt`"), (["image": [:]], "`image.base64`"), (["image": ["base64": "%%%="]], "`image.base64`"),
        (["location": ["latitude": 95, "longitude": 1]], "`location.latitude`"),
        (["text": "a", "profile": ["userId": "nope"]], "`profile.userId`"),
    ]

    @Test(arguments: bad)
    func `a mistake in an order is refused and named`(body: JSON, words: String) async throws {
        try await Lab.run { lab in
            let error = await #expect(throws: SimulatorClientError.self) {
                _ = try await lab.client.write(body, from: "15550100001")
            }
            #expect(error?.status == 400 && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test func `a phone that is offline gets messages when it comes back`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("15550100001", ["online": false])
            let id = try await lab.sendText().messageID
            await lab.receiver.wait(for: "sent", of: id)
            #expect(try await lab.client.sent(status: "sent").count == 1)
            try await lab.client.change("15550100001", ["online": true])
            await lab.receiver.wait(for: "read", of: id)
            #expect(lab.receiver.items.map { $0["status"]?.string } == ["sent", "delivered", "read"])
        }
    }

    @Test func `a phone that blocks the business makes messages fail with 131026`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("15550100001", ["blocked": true])
            let id = try await lab.sendText().messageID
            await lab.receiver.wait(for: "failed", of: id)
            #expect(lab.receiver.items[0]["errors"]?[0]?["code"] == 131026)
            #expect(lab.receiver.items[0]["pricing"] == nil)
        }
    }

    @Test func `messages wait unread until the phone is told to read`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("15550100001", ["reads": false])
            let first = try await lab.sendText("one").messageID
            let second = try await lab.sendText("two").messageID
            await lab.receiver.wait(for: "delivered", of: first)
            await lab.receiver.wait(for: "delivered", of: second)
            #expect(try await lab.client.read("15550100001") == 2)
            await lab.receiver.wait(for: "read", of: second)
            #expect(try await lab.client.read("15550100001") == 0)
            try await lab.client.change("15550100001", ["reads": "never"])
            let third = try await lab.sendText("three").messageID
            await lab.receiver.wait(for: "delivered", of: third)
            #expect(try await lab.client.read("15550100001") == 0)
        }
    }

    @Test func `a phone answers by itself once it has read`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("15550100001", ["autoReply": "Thanks!"])
            _ = try await lab.sendText()
            await lab.receiver.wait(items: 4)
            #expect(lab.receiver.items[3]["text"]?["body"] == "Thanks!")
        }
    }

    @Test func `any status can be reported, with any error`() async throws {
        try await Lab.run { lab in
            let id = try await lab.sendText().messageID
            await lab.receiver.wait(for: "read", of: id)
            try await lab.client.report("sent", of: id)
            try await lab.client.report("failed", of: id, errorCode: 131049)
            await lab.receiver.wait(items: 5)
            #expect(lab.receiver.items[3]["status"] == "sent")
            #expect(lab.receiver.items[4]["errors"]?[0]?["code"] == 131049)
            await #expect(throws: SimulatorClientError.self) { try await lab.client.report("read", of: "wamid.no") }
        }
    }

    @Test func `a customer with a hidden number is known by user id alone`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("15550100001", ["userId": "US.5", "hidesNumber": true])
            _ = try await lab.client.say("guess who", from: "15550100001")
            await lab.receiver.wait(posts: 1)
            #expect(lab.receiver.items[0]["from"] == nil)
            #expect(lab.receiver.items[0]["from_user_id"] == "US.5")
            let answer = try await lab.send(["recipient": "US.5", "type": "text", "text": ["body": "you"]])
            #expect(answer.status == 200)
            #expect(try await lab.client.inbox(of: "15550100001")["messages"]?.array?.count == 2)
        }
    }

    @Test func `a rewritten number is used in the answer, the statuses and the messages`() async throws {
        try await Lab.run { lab in
            try await lab.client.change("5511987654321", ["waId": "551187654321"])
            let answer = try await lab.sendText(to: "5511987654321")
            #expect(answer.json["contacts"]?[0]?["wa_id"] == "551187654321")
            await lab.receiver.wait(items: 3)
            #expect(lab.receiver.items.allSatisfy { $0["recipient_id"] == "551187654321" })
            #expect(try await lab.client.phones().count == 1)
        }
    }

    @Test func `outside the window a text fails with 131047 and a template goes, when the window is enforced`()
        async throws
    {
        try await Lab.run {
            $0.enforceWindow = true
        } _: { lab in
            let cold = try await lab.sendText().messageID
            await lab.receiver.wait(for: "failed", of: cold)
            #expect(lab.receiver.items[0]["errors"]?[0]?["code"] == 131047)
            let template = try await lab.send([
                "type": "template", "template": ["name": "hello_world", "language": ["code": "en_US"]],
            ]).messageID
            await lab.receiver.wait(for: "read", of: template)
            _ = try await lab.client.say("hello", from: "15550100001")
            let warm = try await lab.sendText().messageID
            await lab.receiver.wait(for: "read", of: warm)
        }
    }

    @Test func `a long poll returns as soon as a message is there, and empty when the wait is over`() async throws {
        try await Lab.run { lab in
            #expect(try await lab.client.sent(wait: 1).isEmpty)
            async let waiting = lab.client.sent(to: "15550100001", status: "read", wait: 30)
            _ = try await lab.sendText("found")
            let found = try await waiting
            #expect(found.map { $0["text"]?.string } == ["found"])
            #expect(try await lab.client.sent(after: Int(found[0]["sequence"]?.int ?? 0)).isEmpty)
        }
    }
}
