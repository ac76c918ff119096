import JSON
import Testing

@testable import WhatsApp

@Suite struct OutgoingContentTests {
    private static let text = OutgoingContent.text(body: "Hi", previewURL: true)

    @Test func `a message to a number, a user and a group is addressed in Meta's three ways`() {
        let body = { (recipient: Recipient) in
            Self.text.graphBody(to: recipient, mediaID: nil, context: nil, callbackData: "our-id")
        }
        #expect(
            body(.phone("+15550100001")) == [
                "messaging_product": "whatsapp", "recipient_type": "individual", "to": "+15550100001", "type": "text",
                "text": ["body": "Hi", "preview_url": true], "biz_opaque_callback_data": "our-id",
            ])
        #expect(body(.user("US.1"))["recipient"] == "US.1")
        #expect(body(.user("US.1"))["to"] == nil)
        #expect(body(.group("Y2Fw"))["to"] == "Y2Fw")
        #expect(body(.group("Y2Fw"))["recipient_type"] == "group")
    }

    @Test func `a reply quotes, a reaction doesn't`() {
        let context = { (content: OutgoingContent) in
            content.graphBody(to: .user("US.1"), mediaID: nil, context: "wamid.1", callbackData: "")["context"]
        }
        #expect(context(Self.text) == ["message_id": "wamid.1"])
        #expect(context(.reaction(messageID: "wamid.1", emoji: "👍")) == nil)
    }

    @Test func `a text has 1 to 4096 characters`() throws {
        let make = { (body: JSON) in
            fault { () throws(FieldError) in try .text(from: ["body": body], path: "text") }
        }
        #expect(make("x") == nil)
        #expect(make(characters(4096)) == nil)
        #expect(make(characters(4097)) == "text.body")
        #expect(make("") == "text.body")
        #expect(make(1) == "text.body")
        #expect(make("a\u{0}b") == "text.body")
        #expect(fault { () throws(FieldError) in try .text(from: [:], path: "text") } == "text.body")
        #expect(
            try OutgoingContent.text(body: "x", previewURL: true, path: "text") == .text(body: "x", previewURL: true))
        #expect(fault { () throws(FieldError) in try .text(body: "", previewURL: true, path: "text") } == "text")
    }

    @Test func `a location takes numbers and text within the globe`() throws {
        let place = try json(#"{"latitude": 52.5, "longitude": "13.4", "name": "", "address": "Berlin"}"#)
        let content = try OutgoingContent.location(from: place, path: "location")
        #expect(content == .location(latitude: 52.5, longitude: 13.4, name: nil, address: "Berlin"))
        try expectRestored(content)
        let fields: [(String, JSON?)] = [
            ("latitude", 90.5), ("latitude", -91), ("longitude", 181), ("longitude", "NaN"), ("latitude", nil),
            ("longitude", .null), ("name", 1), ("url", "x"), ("latitude", true),
        ]
        for (field, value) in fields {
            let changed = replacing(field, in: place, with: value)
            #expect(
                fault { () throws(FieldError) in try .location(from: changed, path: "location") } == "location.\(field)"
            )
        }
    }

    @Test(arguments: ["👍", "❤️", "❤", "👩‍👩‍👧‍👦", "🇩🇪", "1️⃣", "©️", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", ""])
    func `a reaction is one emoji, or none to take it back`(emoji: String) throws {
        let content = try OutgoingContent.reaction(
            from: ["messageId": "wamid.1", "emoji": .string(emoji)], path: "reaction")
        #expect(content == .reaction(messageID: "wamid.1", emoji: emoji))
        try expectRestored(content)
        let body = content.graphBody(to: .phone("+1"), mediaID: nil, context: nil, callbackData: "")
        #expect(body["reaction"] == ["message_id": "wamid.1", "emoji": .string(emoji)])
    }

    @Test(arguments: ["a", "1", "#", "👍👍", " ", "👍 ", ":)", "©", "é", "👍x"])
    func `anything else is no reaction`(emoji: String) {
        let value: JSON = ["messageId": "wamid.1", "emoji": .string(emoji)]
        #expect(fault { () throws(FieldError) in try .reaction(from: value, path: "reaction") } == "reaction.emoji")
    }

    @Test func `a reaction needs its message and says so when the emoji is left out`() {
        let faults: [(JSON, String)] = [
            (["emoji": "👍"], "reaction.messageId"), (["messageId": "", "emoji": "👍"], "reaction.messageId"),
            (["messageId": "a"], "reaction.emoji"),
            (["messageId": "a", "message_id": "a", "emoji": "👍"], "reaction.messageId"),
        ]
        for (value, field) in faults {
            #expect(fault { () throws(FieldError) in try .reaction(from: value, path: "reaction") } == field)
        }
    }

    @Test func `what is stored under an unknown or a missing type is an error that names it`() {
        let make = { (stored: JSON) in fault { () throws(FieldError) in try OutgoingContent(stored: stored) } }
        #expect(make(["type": "poll", "text": ["body": "x"]]) == "type")
        #expect(make(["type": "text"]) == "text")
        #expect(make(["text": ["body": "x"]]) == "type")
        #expect(make("text") == "")
        #expect(make(["type": "image", "image": ["caption": 1]]) == "image.caption")
    }

    @Test func `a text comes back from what is stored`() throws {
        try expectRestored(Self.text)
    }
}
