import JSON
import Testing

@testable import WhatsApp

@Suite struct HostileWebhookTests {
    private static let good: JSON = [
        "from": "15550100001", "id": "wamid.good", "timestamp": "1785000000", "type": "text", "text": ["body": "fine"],
    ]

    private static let oddities: [JSON] = [
        .null, true, 0, -1, 9_223_372_036_854_775_807, 1e308, "", "x", [], [[]], [.null, 1, "a", [:]], [:], ["a": [:]],
        ["id": ["id": []]],
    ]

    /// Every value inside `json`, itself included, replaced in turn by `other`.
    private func variations(of json: JSON, with other: JSON) -> [JSON] {
        var all = [other]
        if let object = json.object {
            for (key, value) in object {
                for variation in variations(of: value, with: other) {
                    var changed = object
                    changed[key] = variation
                    all.append(.object(changed))
                }
            }
        } else if let items = json.array {
            for (index, value) in items.enumerated().prefix(3) {
                for variation in variations(of: value, with: other) {
                    var changed = items
                    changed[index] = variation
                    all.append(.array(changed))
                }
            }
        }
        return all
    }

    private func parse(_ json: JSON) -> Webhook {
        var parser = WebhookParser()
        return parser.parse(json)
    }

    @Test func `a broken message never harms the good ones beside it`() throws {
        for name in try WebhookFixtures.names() where name.hasPrefix("message-") && !name.contains("4096") {
            for message in try WebhookFixtures.messages(name) {
                for oddity in Self.oddities {
                    for broken in variations(of: message.raw, with: oddity) {
                        let webhook = parse(
                            [
                                "entry": [
                                    [
                                        "changes": [
                                            [
                                                "field": "messages",
                                                "value": ["messages": [Self.good, broken, Self.good]],
                                            ]
                                        ]
                                    ]
                                ]
                            ])
                        let good = webhook.items.filter { $0.incomingMessage?.id == "wamid.good" }
                        guard webhook.items.count == 3, good.count >= 2 else {
                            Issue.record("\(name): \(broken.text)")
                            return
                        }
                    }
                }
            }
        }
    }

    @Test func `any value may stand anywhere in any webhook`() throws {
        for name in try WebhookFixtures.names() where !name.hasPrefix("message-") && !name.hasSuffix("1000") {
            let json = try JSON(parsing: try WebhookFixtures.body(name), mode: .lenient)
            for oddity in [.null, 1e308, "x", [1], ["a": []]] as [JSON] {
                for broken in variations(of: json, with: oddity) {
                    let webhook = parse(broken)
                    // Whatever has become of it is told in words.
                    _ = ItemWords.of(webhook)
                    if broken.object == nil { #expect(webhook.problem == "the body is not a JSON object") }
                }
            }
        }
    }

    @Test func `a body cut short is a problem and gives nothing`() throws {
        let body = try WebhookFixtures.body("message-text-unicode").reversed().drop { $0 == 10 }.reversed() as [UInt8]
        for length in 0..<body.count {
            let webhook = Webhook.parse(body.prefix(length))
            #expect(webhook.problem?.hasPrefix("the body is not JSON") == true)
            #expect(webhook.items.isEmpty)
        }
        #expect(Webhook.parse(body).problem == nil)
    }

    @Test(arguments: ["null", "1", "\"text\"", "[]", "true"])
    func `JSON that is no object is a problem`(text: String) {
        #expect(Webhook.parse(text.utf8).problem == "the body is not a JSON object")
    }

    @Test(arguments: ["{}", #"{"entry":null}"#, #"{"entry":{}}"#, #"{"entry":"x"}"#])
    func `an object without entries is a problem`(text: String) {
        #expect(Webhook.parse(text.utf8).problem == "`entry` is not an array")
    }

    @Test(arguments: ["[", #"{"a":"#, #"{"entry":[{"changes":["#])
    func `deep nesting is a problem, not an end`(opening: String) {
        let body = Array(String(repeating: opening, count: 200_000).utf8)
        #expect(Webhook.parse(body).problem?.hasPrefix("the body is not JSON") == true)
    }

    @Test func `a flow's answer nested too deep stays text`() throws {
        let deep = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        let message = try parseMessage(
            [
                "type": "interactive",
                "interactive": ["type": "nfm_reply", "nfm_reply": ["response_json": .string(deep)]],
            ])
        guard case .interactive(let reply)? = message?.content else { Issue.record("no answer"); return }
        #expect(reply.data == ["response_json": .string(deep)])
    }

    @Test func `huge numbers are kept as their digits where text is wanted`() {
        let digits = String(repeating: "9", count: 400)
        let body = """
            {"entry":[{"id":\(digits),"changes":[{"field":"messages","value":{"messages":[
            {"id":\(digits),"from":1e400,"timestamp":\(digits),"type":"location",
            "location":{"latitude":1e999,"longitude":-\(digits)}}]}}]}]}
            """
        let item = Webhook.parse(body.utf8).items.first
        #expect(item?.businessAccountID == digits)
        #expect(item?.incomingMessage?.id == digits)
        #expect(item?.incomingMessage?.timestamp == nil)
        #expect(
            item?.incomingMessage?.content
                == .unsupported(kind: "location", reason: "its `location` is not as expected"))
    }

    @Test func `NUL characters are replaced everywhere, in keys too`() throws {
        let message: JSON = [
            "id": "wamid.\0", "from": "1\0", "type": "interactive",
            "interactive": [
                "type": "nfm_reply", "nfm_reply": ["response_json": #"{"a\u0000":"b\u0000"}"#, "k\0": "v\0"],
            ],
        ]
        let parsed = try #require(try parseMessage(message))
        #expect(parsed.id == "wamid.\u{FFFD}")
        #expect(parsed.from == "1\u{FFFD}")
        #expect(!parsed.raw.text.contains("\\u0000\":"))
        guard case .interactive(let reply) = parsed.content else { Issue.record("no answer"); return }
        #expect(reply.data == ["k\u{FFFD}": "v\u{FFFD}", "response": ["a\u{FFFD}": "b\u{FFFD}"]])
    }

    @Test func `lone surrogates and bad UTF-8 become the replacement character`() {
        var body = Array(
            #"{"entry":[{"changes":[{"field":"messages","value":{"messages":[{"type":"text","text":{"body":"a\ud83d"#
                .utf8)
        body += [0xFF, 0x62] + Array(#""}}]}}]}]}"#.utf8)
        let content = Webhook.parse(body).items.first?.incomingMessage?.content
        guard case .text(let text)? = content else { Issue.record("no text"); return }
        #expect(text.hasPrefix("a\u{FFFD}") && text.hasSuffix("b"))
    }

    @Test func `of a key that stands twice the last counts`() {
        let body = #"{"entry":[],"entry":[{"changes":[{"field":"x","field":"security","value":{"event":"E"}}]}]}"#
        #expect(ItemWords.of(Webhook.parse(body.utf8)) == ["notice security E"])
    }

    @Test func `a body of countless empty items is bounded and says so`() {
        let items = String(repeating: "{},", count: 200_000) + "{}"
        for key in ["messages", "statuses", "errors"] {
            let body = #"{"entry":[{"changes":[{"field":"messages","value":{"\#(key)":[\#(items)]}}]}]}"#
            let webhook = Webhook.parse(body.utf8)
            #expect(webhook.items.count <= WebhookParser.maxItems)
            #expect((webhook.problem == nil) == (key == "errors"))
        }
        let entries = Webhook.parse(#"{"entry":[\#(items)]}"#.utf8)
        #expect(entries.items.count == WebhookParser.maxItems)
        #expect(entries.problem?.hasPrefix("more than 50000 items") == true)
    }
}
