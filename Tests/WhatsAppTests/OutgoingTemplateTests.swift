import JSON
import Testing

@testable import WhatsApp

private let order = """
    {"name": "order_update", "language": {"code": "en_US"}, "components": [
      {"type": "header", "parameters": [{"type": "image", "image": {"id": "500000000000401"}}]},
      {"type": "body", "parameters": [{"type": "text", "text": "Alex"}, {"type": "text", "text": "1042"},
        {"type": "currency", "currency": {"fallback_value": "$1", "code": "USD", "amount_1000": 1000}},
        {"type": "date_time", "date_time": {"fallback_value": "today"}}]},
      {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "1042"}]},
      {"type": "button", "sub_type": "quick_reply", "index": 1, "parameters": [{"type": "payload", "payload": "p"}]}]}
    """

private func fault(_ value: JSON) -> String? {
    fault { () throws(FieldError) in try .template(from: value, path: "template") }
}

private func fault(of components: String) throws -> String? {
    fault(["name": "a", "language": "en", "components": try json(components)])
}

@Suite struct OutgoingTemplateTests {
    @Test func `a template is taken as it is`() throws {
        let value = try json(order)
        let content = try OutgoingContent.template(from: value, path: "template")
        #expect(content == .template(value))
        try expectRestored(content)
        let body = content.graphBody(to: .phone("+1"), mediaID: nil, context: nil, callbackData: "")
        #expect(body["type"] == "template")
        #expect(body["template"] == value)
    }

    @Test(arguments: [
        ("\"de\"", "de"), ("\"en-US\"", "en_US"), ("{\"code\": \"zh-CN\"}", "zh_CN"), ("\"fil\"", "fil"),
    ])
    func `the language may be bare and spelled with a dash`(language: String, code: String) throws {
        let value = try json("{\"name\": \"hello\", \"language\": \(language)}")
        let content = try OutgoingContent.template(from: value, path: "template")
        #expect(content == .template(["name": "hello", "language": ["code": .string(code)]]))
        try expectRestored(content)
    }

    @Test(
        arguments: [
            ("name", nil, "name"), ("name", "Order", "name"), ("name", "a-b", "name"), ("name", characters(3), "name"),
            ("name", .string(String(repeating: "a", count: 513)), "name"), ("language", nil, "language"),
            ("language", "english please", "language"), ("language.code", "e", "language.code"),
            ("language.code", "en_", "language.code"), ("language.policy", "fallback", "language.policy"),
            ("namespace", "x", "namespace"), ("components", "x", "components"),
            ("components[0].type", "HEADING", "components[0].type"),
            ("components[0].parameters[0].type", "audio", "components[0].parameters[0].type"),
            ("components[0].parameters[0].image", nil, "components[0].parameters[0].image"),
            ("components[0].parameters[0].image.link", "https://a.test/b", "components[0].parameters[0].image.link"),
            ("components[0].parameters[0].image.id", nil, "components[0].parameters[0].image.id"),
            ("components[0].parameters[0].text", "x", "components[0].parameters[0].text"),
            ("components[0].parameters[1]", ["type": "text", "text": "x"], "components[0].parameters"),
            ("components[0].sub_type", "url", "components[0].sub_type"),
            ("components[1].type", "header", "components[1].type"),
            ("components[1].parameters", nil, "components[1].parameters"),
            ("components[1].parameters", [], "components[1].parameters"),
            ("components[1].parameters[0].text", "", "components[1].parameters[0].text"),
            ("components[1].parameters[0].text", characters(1025), "components[1].parameters[0].text"),
            ("components[1].parameters[2].currency.code", "US", "components[1].parameters[2].currency.code"),
            (
                "components[1].parameters[2].currency.amount_1000", 1.5,
                "components[1].parameters[2].currency.amount_1000"
            ),
            ("components[1].parameters[3].date_time", [:], "components[1].parameters[3].date_time.fallback_value"),
            ("components[1].cards", [], "components[1].cards"),
            ("components[2].index", nil, "components[2].index"), ("components[2].index", "x", "components[2].index"),
            ("components[2].index", 10, "components[2].index"), ("components[2].index", 0.5, "components[2].index"),
            ("components[2].sub_type", "phone_number", "components[2].sub_type"),
            ("components[2].sub_type", nil, "components[2].sub_type"),
            ("components[3].index", "0", "components[3].type"),
            ("components[3].parameters[0].payload", characters(129), "components[3].parameters[0].payload"),
            ("components[3].parameters[0].parameter_name", "x", "components[3].parameters[0].parameter_name"),
        ] as [(String, JSON?, String)])
    func `a faulty part is named`(path: String, value: JSON?, field: String) throws {
        #expect(fault(replacing(path, in: try json(order), with: value)) == "template.\(field)")
    }

    @Test func `every header, button and component of Meta's table is taken`() throws {
        let whole = """
            [{"type": "header", "parameters": [{"type": "document", "document":
                {"link": "https://a.test/b.pdf", "filename": "b.pdf"}}]},
             {"type": "body", "parameters": [{"type": "text", "parameter_name": "who", "text": "Alex"}]},
             {"type": "button", "sub_type": "copy_code", "index": 0,
                "parameters": [{"type": "coupon_code", "coupon_code": "SAVE20"}]},
             {"type": "button", "sub_type": "flow", "index": 1,
                "parameters": [{"type": "action", "action": {"flow_token": "t", "flow_action_data": {"a": null}}}]},
             {"type": "button", "sub_type": "flow", "index": 2},
             {"type": "button", "sub_type": "catalog", "index": 3,
                "parameters": [{"type": "action", "action": {"thumbnail_product_retailer_id": "1"}}]},
             {"type": "button", "sub_type": "mpm", "index": 4, "parameters": [{"type": "action", "action":
                {"sections": [{"title": "A", "product_items": [{"product_retailer_id": "1"}]}]}}]},
             {"type": "button", "sub_type": "voice_call", "index": 5,
                "parameters": [{"type": "ttl_minutes", "ttl_minutes": 100}, {"type": "payload", "payload": "x"}]},
             {"type": "limited_time_offer", "parameters": [{"type": "limited_time_offer",
                "limited_time_offer": {"expiration_time_ms": 1790000000000}}]},
             {"type": "tap_target_configuration", "parameters": [{"type": "tap_target_configuration",
                "tap_target_configuration": [{"url": "https://a.test", "title": "A"}]}]},
             {"type": "carousel", "cards": [
                {"card_index": 0, "components": [{"type": "header", "parameters": [{"type": "product",
                    "product": {"product_retailer_id": "1", "catalog_id": "2"}}]}]},
                {"card_index": 1, "components": [{"type": "header", "parameters": [{"type": "location",
                    "location": {"latitude": 1, "longitude": "2"}}]}]}]}]
            """
        let value: JSON = ["name": "a", "language": ["code": "en"], "components": try json(whole)]
        // Null keeps its meaning in what the caller and the flow agreed on.
        #expect(try OutgoingContent.template(from: value, path: "template") == .template(value))
    }

    @Test func `a header's text has up to 60 characters, a lone body's up to 32768`() throws {
        let component = { (type: String, count: Int) in
            "{\"type\":\"\(type)\",\"parameters\":[{\"type\":\"text\",\"text\":\(characters(count).text)}]}"
        }
        #expect(try fault(of: "[\(component("header", 60))]") == nil)
        #expect(
            try fault(of: "[\(component("header", 61))]") == "template.components[0].parameters[0].text")
        #expect(try fault(of: "[\(component("body", 32768))]") == nil)
        #expect(try fault(of: "[\(component("body", 32769))]") == "template.components[0].parameters[0].text")
        #expect(
            try fault(of: "[\(component("header", 1)),\(component("body", 1025))]")
                == "template.components[1].parameters[0].text")
    }

    @Test func `a carousel has 2 to 10 cards with places of their own`() throws {
        let card = { (place: Int) in
            "{\"card_index\":\(place),\"components\":[{\"type\":\"button\",\"sub_type\":\"flow\",\"index\":0}]}"
        }
        let carousel = { (places: [Int]) in
            "[{\"type\":\"carousel\",\"cards\":[\(places.map(card).joined(separator: ","))]}]"
        }
        #expect(try fault(of: carousel([0, 1])) == nil)
        #expect(try fault(of: carousel([0])) == "template.components[0].cards")
        #expect(try fault(of: carousel(Array(0...10))) == "template.components[0].cards")
        #expect(try fault(of: carousel([1, 1])) == "template.components[0].cards[1].card_index")
        #expect(try fault(of: "[{\"type\":\"carousel\",\"parameters\":[]}]") == "template.components[0].parameters")
    }
}
