import Fetch
import Foundation
import JSON
import Testing

@Suite(.timeLimit(.minutes(10)))
struct BadInputTests {
    private static let phone = "+15550100001"

    /// The server lives, answers reads, takes sends and has not written a line of an unforeseen error.
    private func expectAlive(_ site: Site) async throws {
        #expect(site.program.isRunning)
        #expect(try await site.get("/health").status == 200)
        let sent = try await site.call(
            "POST", "/whatsapp/send", ["phoneNumber": .string(Self.phone), "text": "Still here"])
        #expect(sent.status == 200, "\(sent.text)")
        #expect(!site.program.log.contains(" error "), "\(site.program.log)")
    }

    private func withCustomer(_ body: @Sendable (Site) async throws -> Void) async throws {
        try await Site.run { site in
            _ = try await site.meta.say("Hello", from: Self.phone)
            try await site.messages(Self.phone, "the customer's word is there") { $0.count == 1 }
            try await body(site)
            try await expectAlive(site)
        }
    }

    private func expectRefused(
        _ answer: FetchResponse, _ status: Int, field: String?, _ what: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(answer.status == status, "\(what): \(answer.text)", sourceLocation: sourceLocation)
        #expect(answer.json["success"] == false, "\(what)", sourceLocation: sourceLocation)
        #expect(answer.errorCode?.isEmpty == false, "\(what)", sourceLocation: sourceLocation)
        guard let field else { return }
        #expect(
            answer.errorMessage.contains("`\(field)`") && answer.json["error"]?["data"]?["field"]?.string == field,
            "\(what): \(answer.text)", sourceLocation: sourceLocation)
    }

    @Test func `a body that is no JSON object is refused, whatever it is`() async throws {
        try await withCustomer { site in
            let bodies: [(String, [UInt8])] = [
                ("nothing", []), ("broken", Array(#"{"phoneNumber":"+15550100001","text":"#.utf8)),
                ("array", Array("[1]".utf8)), ("text", Array(#""hello""#.utf8)), ("null", Array("null".utf8)),
                ("two values", Array("{} {}".utf8)),
                ("no UTF-8", Array(#"{"text":""#.utf8) + [0xFF, 0xFE, 0x22, 0x7D]),
                ("lone surrogate", Array(#"{"phoneNumber":"+15550100001","text":"\ud83d"}"#.utf8)),
                ("reversed surrogates", Array(#"{"phoneNumber":"+15550100001","text":"\ude00\ud83d"}"#.utf8)),
                ("twice the same key", Array(#"{"phoneNumber":"+15550100001","text":"a","text":"b"}"#.utf8)),
                ("deep", Array(String(repeating: "[", count: 100_000).utf8)),
                ("deep objects", Array(String(repeating: #"{"text":"#, count: 50_000).utf8)),
                ("NUL byte", Array(#"{"text":"a"#.utf8) + [0, 0x22, 0x7D]), ("bare NUL", [0]),
                ("form", Array("phoneNumber=%2B15550100001&text=hi".utf8)),
            ]
            for path in ["/whatsapp/send", "/rooms/whatsapp_15550100001/messages"] {
                for (name, body) in bodies {
                    let answer = try await site.call("POST", path, bytes: body)
                    expectRefused(answer, 400, field: nil, name)
                    #expect(answer.errorCode == "BAD_REQUEST")
                }
                let form = try await site.call(
                    "POST", path, bytes: Array("text=hi".utf8),
                    headers: [("Content-Type", "application/x-www-form-urlencoded")])
                expectRefused(form, 415, field: nil, "form")
            }
            #expect(try await site.meta.sent().isEmpty)
        }
    }

    @Test func `five mebibytes are refused with 413`() async throws {
        try await withCustomer { site in
            let huge: JSON = [
                "phoneNumber": .string(Self.phone), "text": .string(String(repeating: "x", count: 5 << 20)),
            ]
            for path in ["/whatsapp/send", "/rooms/whatsapp_15550100001/messages"] {
                expectRefused(try await site.call("POST", path, huge), 413, field: nil, path)
            }
            let webhook = Webhooks.text(String(repeating: "x", count: 5 << 20), id: "wamid.huge", from: "15550100001")
            expectRefused(try await site.postWebhook(webhook), 413, field: nil, "webhook")
            #expect(try await site.messages(Self.phone).count == 1)
        }
    }

    /// Bodies beside a right number, and the field that is wrong in each.
    private static let wrong: [(field: String, body: JSON)] = [
        ("text", ["text": 5]), ("text", ["text": ["a"]]), ("text", ["text": ""]), ("text", [:]),
        ("text", ["text": .string(String(repeating: "x", count: 4097))]), ("text", ["text": "a\u{0}b"]),
        ("previewUrl", ["text": "a", "previewUrl": "yes"]), ("replyTo", ["text": "a", "replyTo": 5]),
        ("replyTo", ["text": "a", "replyTo": "no-such-message"]), ("metadata", ["text": "a", "metadata": "x"]),
        ("metadata", ["text": "a", "metadata": ["k": "\u{0}"]]),
        ("metadata", ["text": "a", "metadata": ["k": .string(String(repeating: "x", count: 5000))]]),
        ("colour", ["text": "a", "colour": "red"]), ("mediaType", ["text": "a", "mediaType": "hologram"]),
        ("mediaType", ["mediaUrl": "https://example.com/a.jpg"]), ("mediaUrl", ["mediaType": "image"]),
        ("mediaUrl", ["mediaType": "image", "mediaUrl": 5]),
        ("mediaUrl", ["mediaType": "image", "mediaUrl": "file:///etc/passwd"]),
        ("mediaUrl", ["mediaType": "image", "mediaUrl": "ftp://example.com/a"]),
        ("caption", ["mediaType": "image", "mediaUrl": "https://example.com/a", "caption": 5]),
        (
            "caption",
            [
                "mediaType": "image", "mediaUrl": "https://example.com/a",
                "caption": .string(String(repeating: "x", count: 1025)),
            ]
        ),
        ("fileName", ["mediaType": "document", "mediaUrl": "https://example.com/a", "fileName": ["x"]]),
        ("voice", ["mediaType": "audio", "mediaUrl": "https://example.com/a", "voice": 1]),
        ("location", ["location": "here"]), ("location.latitude", ["location": ["longitude": 1]]),
        ("location.latitude", ["location": ["latitude": 91, "longitude": 1]]),
        ("location.longitude", ["location": ["latitude": 1, "longitude": "1e999"]]),
        ("location.longitude", ["location": ["latitude": 1, "longitude": true]]),
        ("location.altitude", ["location": ["latitude": 1, "longitude": 1, "altitude": 3]]),
        ("contacts", ["contacts": [:]]), ("contacts", ["contacts": []]),
        ("contacts[0].name", ["contacts": [["phones": []]]]),
        ("reaction.emoji", ["reaction": ["messageId": "wamid.x", "emoji": "yes"]]),
        ("reaction.messageId", ["reaction": ["emoji": "👍"]]),
        ("template.name", ["template": ["language": "en_US"]]),
        ("template.name", ["template": ["name": "No Such", "language": "en_US"]]),
        ("template.language", ["template": ["name": "hello_world"]]),
        ("template.components", ["template": ["name": "hello_world", "language": "en_US", "components": "x"]]),
        ("interactive.type", ["interactive": ["type": "hologram"]]),
        ("interactive.body", ["interactive": ["type": "button", "action": ["buttons": []]]]),
        (
            "interactive.action.buttons",
            ["interactive": ["type": "button", "body": ["text": "a"], "action": ["buttons": []]]]
        ),
    ]

    @Test func `a wrong type, length or name of each field is refused with the field's name`() async throws {
        try await withCustomer { site in
            for (field, body) in Self.wrong {
                var object = body.object ?? [:]
                let inRoom = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", .object(object))
                expectRefused(inRoom, 400, field: field, body.text)
                object["phoneNumber"] = .string(Self.phone)
                let answer = try await site.call("POST", "/whatsapp/send", .object(object))
                expectRefused(answer, 400, field: field, body.text)
                #expect(answer.errorCode == "BAD_REQUEST")
            }
            let roomOnly: [(String, JSON)] = [
                ("sender", ["text": "a", "sender": "Kim"]), ("sender.id", ["text": "a", "sender": ["id": 7]]),
                ("sender.age", ["text": "a", "sender": ["age": 7]]), ("private", ["text": "a", "private": "yes"]),
                ("phoneNumber", ["text": "a", "phoneNumber": "+15550100001"]),
            ]
            for (field, body) in roomOnly {
                let answer = try await site.call("POST", "/rooms/whatsapp_15550100001/messages", body)
                expectRefused(answer, 400, field: field, body.text)
            }
            #expect(try await site.meta.sent().isEmpty)
            #expect(try await site.messages(Self.phone).count == 1)
        }
    }

    @Test func `absurd numbers are refused or read, never fatal`() async throws {
        try await withCustomer { site in
            for number in ["1e400", "-1e400", "123456789012345678901234567890", "1e-400", "0.1e+99999999999", "-0"] {
                let location = #"{"phoneNumber":"+15550100001","location":{"latitude":\#(number),"longitude":1}}"#
                let answer = try await site.call("POST", "/whatsapp/send", bytes: Array(location.utf8))
                #expect([200, 400].contains(answer.status), "\(number): \(answer.text)")
                let text = #"{"phoneNumber":"+15550100001","text":\#(number)}"#
                let refused = try await site.call("POST", "/whatsapp/send", bytes: Array(text.utf8))
                expectRefused(refused, 400, field: nil, number)
            }
        }
    }

    @Test func `phones, limits and cursors that are none are refused with their name`() async throws {
        try await withCustomer { site in
            for phone: JSON in ["", "abc", "+0123", "+1", "+1234567890123456", 15_550_100_001, .null, ["+15550100001"]]
            {
                let answer = try await site.call(
                    "POST", "/whatsapp/send", .object(["phoneNumber": phone, "text": "a"]))
                expectRefused(answer, 400, field: "phoneNumber", phone.text)
            }
            expectRefused(
                try await site.call("POST", "/whatsapp/send", ["text": "a"]), 400, field: "phoneNumber", "none")
            for phone in ["abc", "+0123", "1", "+1234567890123456", "%00", "%ff", "+1555%230100001"] {
                let answer = try await site.get("/whatsapp/messages/\(phone)")
                expectRefused(answer, 400, field: "phoneNumber", phone)
            }
            let queries = [
                ("limit", "0"), ("limit", "1001"), ("limit", "-1"), ("limit", "ten"), ("limit", ""), ("limit", "1.5"),
                ("limit", "99999999999999999999"), ("before", "x"), ("before", "-1"), ("before", "1e3"),
            ]
            for (name, value) in queries {
                for path in ["/whatsapp/messages/\(Self.phone)", "/rooms/whatsapp_15550100001/messages"] {
                    expectRefused(try await site.get("\(path)?\(name)=\(value)"), 400, field: name, "\(name)=\(value)")
                }
            }
            let room = "/rooms/whatsapp_15550100001/messages"
            expectRefused(try await site.get(room + "?after=x"), 400, field: "after", "after")
            expectRefused(try await site.get(room + "?after=1&before=2"), 400, field: "before", "both")
            expectRefused(try await site.get(room + "?page=2"), 400, field: "page", "page")
            expectRefused(try await site.get("/rooms?limit=0"), 400, field: "limit", "rooms")
            expectRefused(try await site.get("/rooms?cursor=%00nonsense"), 400, field: "cursor", "cursor")
            for (path, field) in [
                ("/events?account=a%00", "account"), ("/events?room=%00", "room"), ("/ws?account=%00", "account"),
            ] {
                expectRefused(try await site.get(path), 400, field: field, "NUL")
            }
            #expect(try await site.get(room + "?after=9223372036854775807").json == [])
        }
    }

    @Test func `unknown routes, methods and rooms are told apart`() async throws {
        try await withCustomer { site in
            for path in ["/", "/nothing", "/whatsapp", "/whatsapp/send/", "/rooms/a/b/c", "/../etc/passwd", "/%00"] {
                let answer = try await site.get(path)
                #expect([400, 404, 405].contains(answer.status), "\(path): \(answer.status)")
                #expect(answer.json["success"] == false && answer.errorCode?.isEmpty == false, "\(path)")
            }
            expectRefused(try await site.get("/nothing"), 404, field: nil, "route")
            for (method, path, allowed) in [
                ("GET", "/whatsapp/send", "POST"), ("DELETE", "/rooms", "GET"), ("POST", "/health", "GET"),
                ("PUT", "/whatsapp/webhook", "POST"), ("PATCH", "/rooms/whatsapp_15550100001/messages", "POST"),
            ] {
                let answer = try await site.call(method, path)
                expectRefused(answer, 405, field: nil, "\(method) \(path)")
                #expect(answer.headers.first("Allow")?.contains(allowed) == true)
            }
            for room in ["nobody", "whatsapp_1555", "%00", "..", String(repeating: "r", count: 300)] {
                let answer = try await site.call("POST", "/rooms/\(room)/messages", ["text": "a"])
                #expect([400, 404].contains(answer.status), "\(room): \(answer.status)")
                #expect(answer.errorCode?.isEmpty == false)
            }
            let strange = try await site.call("BREW", "/whatsapp/send")
            #expect((400..<500).contains(strange.status) || strange.status == 501)
        }
    }

    @Test func `a webhook with a wrong signature is refused and stores nothing`() async throws {
        try await withCustomer { site in
            let body = Webhooks.text("forged", id: "wamid.forged", from: "15550100001")
            let right = Site.signature(of: body, secret: "simulator-secret")
            let signatures = [
                "", "sha256=", "sha256=00", Site.signature(of: body, secret: "other"), String(right.dropLast()),
                String(right.dropFirst(7)), right.replacing("sha256=", with: "sha1="), right + "0",
            ]
            for signature in signatures {
                let answer = try await site.postWebhook(body, signature: signature)
                expectRefused(answer, 401, field: nil, signature)
                #expect(answer.errorCode == "WEBHOOK_VERIFICATION_FAILED")
            }
            let events = try await site.stores.count("SELECT count(*) AS n FROM webhook_events")
            #expect(events == 1)
            #expect(try await site.messages(Self.phone).count == 1)
        }
    }

    @Test func `a signed webhook of any content is answered 200 and kept`() async throws {
        try await withCustomer { site in
            let bodies: [[UInt8]] = [
                [], Array("no json".utf8), Array("[]".utf8), Array("null".utf8), [0xFF, 0xFE, 0x00],
                Array(#"{"object":"whatsapp_business_account"}"#.utf8), Array(#"{"entry":{"a":1}}"#.utf8),
                Array(#"{"object":"whatsapp_business_account","entry":[null,5,{"changes":"x"},{"changes":[7]}]}"#.utf8),
                Webhooks.value(["messages": [5, .null, [:], "x", ["id": ["deep"]]]]),
                Webhooks.value(["statuses": [["id": 5, "status": "\u{0}"]]]),
                Webhooks.messages([
                    ["from": "15550100001", "id": "wamid.nul", "type": "text", "text": ["body": "a\u{0}b"]]
                ]),
                Array(
                    String(decoding: Webhooks.text("SURROGATE", id: "wamid.lone", from: "15550100001"), as: UTF8.self)
                        .replacing("SURROGATE", with: #"\ud83d and \ude00"#).utf8),
            ]
            for body in bodies {
                let answer = try await site.postWebhook(body)
                #expect(answer.status == 200 && answer.json == ["success": true], "\(answer.text)")
            }
            let events = try await site.stores.count("SELECT count(*) AS n FROM webhook_events")
            #expect(events == Int64(bodies.count) + 1)
            let texts = try await site.messages(Self.phone).compactMap { $0["text"]?.string }
            #expect(texts.contains("a\u{FFFD}b") && texts.contains("\u{FFFD} and \u{FFFD}"), "\(texts)")
        }
    }
}
