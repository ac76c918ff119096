import JSON
import Testing

@testable import WhatsApp

@Suite struct IncomingMessageTests {
    private func content(_ message: JSON) throws -> MessageContent { try #require(try parseMessage(message)).content }

    @Test(arguments: [
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "button",
        "reaction", "order", "system", "edit", "revoke",
    ])
    func `a kind without its own part is unsupported and says which`(type: String) throws {
        #expect(
            try content(["type": .string(type)]) == .unsupported(kind: type, reason: "its `\(type)` is missing"))
        for wrong in [1, "text", [], [1], true] as [JSON] {
            #expect(
                try content(["type": .string(type), type: wrong])
                    == .unsupported(kind: type, reason: "its `\(type)` is not as expected"))
        }
    }

    @Test func `Meta's own word is the reason where there is one`() throws {
        let message: JSON = [
            "type": "image", "errors": [["code": 131052, "title": "Media download error"]],
        ]
        #expect(try content(message) == .unsupported(kind: "image", reason: "(#131052) Media download error"))
    }

    @Test func `media bring what can be fetched and what the sender says`() throws {
        let fixture = try WebhookFixtures.messages("message-document")
        guard case .media(let media)? = fixture.first?.content else { Issue.record("no media"); return }
        #expect(media.kind == .document)
        #expect(media.id == "500000000000110")
        #expect(media.url?.hasPrefix("https://lookaside.fbsbx.com/") == true)
        #expect(media.mimeType == "application/pdf")
        #expect(media.sha256 == "JQ/obWK2NS7ZRBWS9qvLpAb6tS70b0pA0vhFWXwJd/8=")
        #expect(media.caption == "Invoice for May")
        #expect(media.fileName == "invoice-2026-05.pdf")
        #expect(!media.voice && !media.animated)
    }

    @Test func `a media id may be a number`() throws {
        let message: JSON = ["type": "image", "image": ["id": 500_000_000_000_101]]
        #expect(try content(message) == .media(MediaReference(kind: .image, id: "500000000000101")))
    }

    @Test func `a place off the map is no location`() throws {
        func place(_ latitude: JSON, _ longitude: JSON) throws -> MessageContent {
            try content(["type": "location", "location": ["latitude": latitude, "longitude": longitude]])
        }
        #expect(try place("12.5", -180) == .location(Location(latitude: 12.5, longitude: -180)))
        for (latitude, longitude) in [(91, 0), (0, 181), (.null, 0), ("nan", 0), (0, "inf"), ("x", 1), (1e300, 0)]
            as [(JSON, JSON)]
        {
            #expect(
                try place(latitude, longitude)
                    == .unsupported(kind: "location", reason: "its `location` is not as expected"))
        }
    }

    @Test func `a flow's answers are read, and left as text when they are no JSON`() throws {
        func data(_ name: String) throws -> JSON? {
            guard case .interactive(let reply)? = try WebhookFixtures.messages(name).first?.content else { return nil }
            #expect(reply.kind == "nfm_reply")
            return reply.data
        }
        let read = try #require(try data("message-interactive-nfm-reply-flow"))
        #expect(read["response"]?["rating"] == "5")
        #expect(read["response"]?["photos"]?[0]?["id"] == 600_000_000_000_101)
        #expect(read["response_json"] == nil)
        #expect(read["body"] == "Sent")
        let broken = try #require(try data("message-interactive-nfm-reply-bad-json"))
        #expect(broken["response"] == nil)
        #expect(broken["response_json"] == #"{"flow_token":"tok-0002","note":"cut off"#)
    }

    @Test func `a call permission keeps Meta's whole answer`() throws {
        let message = try WebhookFixtures.messages("message-interactive-call-permission-accept").first
        guard case .interactive(let reply)? = message?.content else { Issue.record("no answer"); return }
        #expect(reply.id == nil)
        #expect(reply.data["expiration_timestamp"] == 1_785_604_800)
    }

    @Test func `a context that quotes nothing is none`() throws {
        func context(_ context: JSON) throws -> MessageContext? {
            try #require(try parseMessage(["type": "request_welcome", "context": context])).context
        }
        #expect(try context(["id": "M0"]) == nil)
        #expect(try context([:]) == nil)
        #expect(try context("text") == nil)
        #expect(try context(["id": "", "from": "", "forwarded": false]) == nil)
        #expect(
            try context(["id": "wamid.1", "from": "+1 555 020 0001"])
                == MessageContext(messageID: "wamid.1", from: "15550200001"))
        #expect(try context(["forwarded": "true"]) == MessageContext(messageID: nil, forwarded: true))
    }

    @Test func `an edit holds what the message says now`() throws {
        let messages = try WebhookFixtures.messages("message-edit-text")
        #expect(
            messages.map(\.content) == [
                .edit(
                    originalID: "wamid.HBgLMTU1NTAxMDAwMDEVAgASGBQzQUE4ODIxQTUwOTQxRThFOTNBNQA=", type: "text",
                    content: .text("I meant Thursday"))
            ])
    }

    @Test func `an edit can't hold another change`() throws {
        for inner in [
            ["type": "revoke", "revoke": ["original_message_id": "a"]],
            ["type": "reaction", "reaction": ["message_id": "a"]],
            [
                "type": "edit",
                "edit": ["original_message_id": "a", "message": ["type": "text", "text": ["body": "b"]]],
            ],
        ] as [JSON] {
            let message: JSON = ["type": "edit", "edit": ["original_message_id": "wamid.1", "message": inner]]
            #expect(try content(message) == .unsupported(kind: "edit", reason: "an edit that holds no message"))
        }
    }

    @Test func `a referral is kept whole, an empty one is none`() throws {
        let message = try #require(try WebhookFixtures.messages("message-text-referral-ad-image").first)
        #expect(message.referral?["ctwa_clid"]?.string == "ARExampleClickIdentifier0001")
        #expect(try parseMessage(["type": "text", "text": ["body": "a"], "referral": [:]])?.referral == nil)
    }

    @Test func `a system notice tells old and new, and keeps the identity beside it`() throws {
        func notice(_ name: String) throws -> SystemNotice? {
            guard case .system(let notice)? = try WebhookFixtures.messages(name).first?.content else { return nil }
            return notice
        }
        let number = try #require(try notice("message-system-customer-changed-number"))
        #expect(number.kind == .numberChanged)
        #expect(number.previousWaID == "15550100001")
        #expect(number.newWaID == "15550100091")
        let identity = try #require(try notice("message-system-identity-changed"))
        #expect(identity.kind == .identityChanged)
        #expect(identity.newWaID == nil)
        #expect(identity.raw["identity"]?["hash"] == "FIXTUREHASH01")
    }

    @Test(arguments: [0, 1, -1, 1_230_767_999, 4_102_444_801, 1_785_000_000_000, Int64.max, Int64.min])
    func `an absurd time is none`(seconds: Int64) throws {
        let message = try parseMessage(["type": "request_welcome", "timestamp": .integer(seconds)])
        #expect(message?.timestamp == nil)
    }

    @Test(arguments: ["", "soon", "1785000000.5", "1e9", "99999999999999999999", " 1785000000"])
    func `a time in words is none`(text: String) throws {
        let message = try parseMessage(["type": "request_welcome", "timestamp": .string(text)])
        #expect(message != nil)
        #expect(message?.timestamp == nil)
    }
}
