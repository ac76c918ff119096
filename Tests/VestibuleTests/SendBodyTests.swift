import JSON
import Testing
import WhatsApp

@testable import Vestibule

@Suite struct SendBodyTests {
    private func content(_ fields: JSONObject) throws(FieldError) -> OutgoingContent {
        var body = fields
        body["phoneNumber"] = "+1 (555) 010-0001"
        return try SendBody.toPhone(.object(body)).draft.content
    }

    private func media(_ fields: JSONObject) throws -> OutgoingMedia? {
        guard case .media(let media) = try content(fields) else { return nil }
        return media
    }

    private func field(_ fields: JSONObject) -> String? {
        do throws(FieldError) {
            _ = try content(fields)
            return nil
        } catch {
            return error.field
        }
    }

    @Test func `text is sent as it is`() throws {
        #expect(try content(["text": "Hello"]) == .text(body: "Hello", previewURL: false))
        #expect(
            try content(["text": "Hello", "mediaType": "text", "previewUrl": true])
                == .text(body: "Hello", previewURL: true))
        #expect(
            try content(["text": "Hello", "mediaUrl": .null, "caption": .null])
                == .text(body: "Hello", previewURL: false))
    }

    @Test func `text beside a file is its caption, and a caption wins over it`() throws {
        let file: JSONObject = ["mediaUrl": "https://example.org/a.jpg", "mediaType": "image"]
        #expect(try media(file.with("text", "Look"))?.caption == "Look")
        #expect(try media(file.with("text", "Hello").with("caption", "Look"))?.caption == "Look")
        #expect(try media(file)?.caption == nil)
    }

    @Test func `voice is audio, by its type or by its flag`() throws {
        let file: JSONObject = ["mediaUrl": "/uploads/whatsapp/a.ogg"]
        #expect(try media(file.with("mediaType", "voice")) == OutgoingMedia(kind: .audio, voice: true))
        #expect(
            try media(file.with("mediaType", "audio").with("voice", true)) == OutgoingMedia(kind: .audio, voice: true))
        #expect(try media(file.with("mediaType", "audio")) == OutgoingMedia(kind: .audio))
    }

    @Test(
        arguments: [
            (["text": ""], "text"), ([:], "text"), (["mediaType": "text"], "text"),
            (["mediaType": "image"], "mediaUrl"), (["mediaUrl": "https://example.org/a"], "mediaType"),
            (["mediaUrl": "https://example.org/a", "mediaType": "gif"], "mediaType"),
            (["mediaUrl": "file:///etc/passwd", "mediaType": "image"], "mediaUrl"),
            (["mediaUrl": "https://example.org/a b", "mediaType": "image"], "mediaUrl"),
            (["mediaUrl": "data:image/png;base64,iVBO Rw0K", "mediaType": "image"], "mediaUrl"),
            (
                [
                    "mediaUrl": .string("https://example.org/" + String(repeating: "a", count: 2048)),
                    "mediaType": "image",
                ],
                "mediaUrl"
            ),
            (["mediaUrl": "https://example.org/a", "mediaType": "audio", "text": "x"], "text"),
            (["mediaUrl": "https://example.org/a", "mediaType": "sticker", "caption": "x"], "caption"),
            (["mediaUrl": "https://example.org/a", "mediaType": "image", "voice": true], "voice"),
            (["mediaUrl": "https://example.org/a", "mediaType": "image", "previewUrl": true], "previewUrl"),
            (["mediaUrl": "https://example.org/a", "mediaType": "document", "fileName": "../a"], "fileName"),
            (["text": "a", "caption": "b"], "caption"), (["text": "a", "fileName": "b"], "fileName"),
            (["text": "a", "location": ["latitude": 1, "longitude": 1]], "text"),
            (
                ["reaction": ["messageId": "x", "emoji": "👍"], "location": ["latitude": 1, "longitude": 1]], "location"
            ),
            (["text": "a", "replyTo": ""], "replyTo"), (["text": "a", "metadata": []], "metadata"),
            (["text": "a", "unknown": 1], "unknown"), (["text": 1], "text"), (["text": "a\u{0}b"], "text"),
            (["text": "a", "sender": ["id": "1"]], "sender"), (["text": "a", "private": true], "private"),
            (["location": ["latitude": 91, "longitude": 1]], "location.latitude"),
            (["template": ["name": "A", "language": "en_US"]], "template.name"),
        ] as [(JSONObject, String)])
    func `a wrong send names the field`(fields: JSONObject, name: String) {
        #expect(field(fields) == name)
    }

    @Test func `metadata is bounded`() {
        let long: JSON = ["a": .string(String(repeating: "x", count: 4088))]
        #expect(field(["text": "a", "metadata": long]) == nil)
        #expect(field(["text": "a", "metadata": ["a": .string(String(repeating: "x", count: 4089))]]) == "metadata")
    }

    @Test func `a phone number is read as people write it`() throws {
        let body: JSON = ["phoneNumber": "+1 (555) 010-0001", "text": "a"]
        #expect(try SendBody.toPhone(body).phoneNumber.digits == "15550100001")
        for number in ["", "abc", "+0555", "123", 15_550_100_001, .null] as [JSON] {
            #expect(throws: FieldError.self) { try SendBody.toPhone(["phoneNumber": number, "text": "a"]) }
        }
    }

    @Test func `a room's message has a sender and may be a note of text`() throws {
        let sender: JSON = ["id": "7", "name": "Ada", "type": "agent"]
        let draft = try SendBody.toRoom(["text": "a", "private": true, "sender": sender])
        #expect(draft.isPrivate)
        #expect(draft.sender?.name == "Ada")
        let error = #expect(throws: FieldError.self) {
            try SendBody.toRoom(["location": ["latitude": 1, "longitude": 1], "private": true])
        }
        #expect(error?.field == "private")
        #expect(throws: FieldError.self) { try SendBody.toRoom(["text": "a", "phoneNumber": "+15550100001"]) }
    }
}

extension JSONObject {
    fileprivate func with(_ key: String, _ value: JSON) -> JSONObject {
        var object = self
        object[key] = value
        return object
    }
}
