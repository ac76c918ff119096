import JSON
import Testing

@testable import WhatsApp

private func fault(_ value: JSON) -> String? {
    fault { () throws(FieldError) in try .interactive(from: value, path: "interactive") }
}

/// The smallest message of each kind that Meta takes.
private let examples: [String: String] = [
    "button": """
    {"type": "button", "body": {"text": "Which?"}, "action": {"buttons": [
      {"type": "reply", "reply": {"id": "a", "title": "A"}}, {"type": "reply", "reply": {"id": "b", "title": "B"}}]}}
    """,
    "list": """
    {"type": "list", "body": {"text": "Which?"}, "action": {"button": "Open", "sections": [
      {"title": "One", "rows": [{"id": "a", "title": "A", "description": "first"}]},
      {"title": "Two", "rows": [{"id": "b", "title": "B"}]}]}}
    """,
    "cta_url": """
    {"type": "cta_url", "body": {"text": "Look"}, "action": {"name": "cta_url",
      "parameters": {"display_text": "Open", "url": "https://example.test/a?b=c"}}}
    """,
    "flow": """
    {"type": "flow", "body": {"text": "Book"}, "action": {"name": "flow", "parameters": {
      "flow_message_version": "3", "flow_id": "900000000000101", "flow_cta": "Book", "flow_token": "t",
      "mode": "published", "flow_action": "navigate",
      "flow_action_payload": {"screen": "START", "data": {"name": null}}}}}
    """,
    "product": """
    {"type": "product", "action": {"catalog_id": "800", "product_retailer_id": "sku-1"}}
    """,
    "product_list": """
    {"type": "product_list", "header": {"type": "text", "text": "Ours"}, "body": {"text": "Look"},
      "action": {"catalog_id": "800", "sections": [{"title": "A", "product_items": [{"product_retailer_id": "1"}]}]}}
    """,
    "catalog_message": """
    {"type": "catalog_message", "body": {"text": "Look"}, "action": {"name": "catalog_message",
      "parameters": {"thumbnail_product_retailer_id": "1"}}}
    """,
    "location_request_message": """
    {"type": "location_request_message", "body": {"text": "Where?"}, "action": {"name": "send_location"}}
    """,
    "address_message": """
    {"type": "address_message", "body": {"text": "Where to?"}, "action": {"name": "address_message",
      "parameters": {"country": "IN", "values": {"name": null}, "saved_addresses": [{"id": "a", "value": {}}]}}}
    """,
    "call_permission_request": """
    {"type": "call_permission_request", "action": {"name": "call_permission_request"}}
    """,
    "voice_call": """
    {"type": "voice_call", "body": {"text": "Call us"}, "action": {"name": "voice_call",
      "parameters": {"display_text": "Call", "ttl_minutes": 100, "payload": "p"}}}
    """,
    "request_contact_info": """
    {"type": "request_contact_info", "body": {"text": "Your number?"}, "action": {"name": "request_contact_info"}}
    """,
    "carousel": """
    {"type": "carousel", "body": {"text": "Look"}, "action": {"cards": [
      {"card_index": 0, "type": "cta_url", "header": {"type": "image", "image": {"link": "https://a.test/1.jpg"}},
       "body": {"text": "one\\ntwo\\nthree"},
       "action": {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://a.test/1"}}},
      {"card_index": 1, "type": "cta_url", "header": {"type": "image", "image": {"id": "5"}},
       "action": {"name": "cta_url", "parameters": {"display_text": "Open", "url": "https://a.test/2"}}}]}}
    """,
]

private let emoji: JSON = "Book 📅"

@Suite struct OutgoingInteractiveTests {
    @Test func `there is an example of every kind we know`() {
        #expect(Set(examples.keys) == Set(InteractiveMessage.Kind.allCases.map(\.rawValue)))
    }

    @Test(arguments: examples.keys.sorted())
    func `each kind is taken as it is and comes back from what is stored`(kind: String) throws {
        let value = try json(try #require(examples[kind]))
        let content = try OutgoingContent.interactive(from: value, path: "interactive")
        #expect(content == .interactive(value))
        try expectRestored(content)
        let body = content.graphBody(to: .phone("+1"), mediaID: nil, context: nil, callbackData: "")
        #expect(body["interactive"] == value)
    }

    @Test(arguments: examples.keys.sorted())
    func `no kind does without its action, or takes what isn't in Meta's table`(kind: String) throws {
        let value = try json(try #require(examples[kind]))
        #expect(fault(replacing("action", in: value, with: nil)) == "interactive.action")
        #expect(fault(replacing("action.extra", in: value, with: 1)) == "interactive.action.extra")
        #expect(fault(replacing("extra", in: value, with: 1)) == "interactive.extra")
        #expect(
            fault(replacing("footer", in: value, with: ["text": characters(61)])) == "interactive.footer.text"
                || ["location_request_message", "carousel"].contains(kind))
    }

    @Test func `a kind that we don't know is refused with those we do`() throws {
        let error = #expect(throws: FieldError.self) {
            try OutgoingContent.interactive(from: ["type": "order_details", "action": [:]], path: "interactive")
        }
        #expect(error?.field == "interactive.type")
        for kind in examples.keys { #expect(error?.problem.contains(kind) == true) }
    }

    @Test(
        arguments: [
            // kind, what is changed, how, the field at fault (nil: taken)
            ("button", "action.buttons", [], "action.buttons"),
            ("button", "action.buttons[0].type", "url", "action.buttons[0].type"),
            ("button", "action.buttons[0].reply.id", characters(256), nil),
            ("button", "action.buttons[0].reply.id", characters(257), "action.buttons[0].reply.id"),
            ("button", "action.buttons[1].reply.id", "a", "action.buttons[1].reply.id"),
            ("button", "action.buttons[0].reply.title", characters(20), nil),
            ("button", "action.buttons[0].reply.title", characters(21), "action.buttons[0].reply.title"),
            ("button", "action.buttons[1].reply.title", "A", "action.buttons[1].reply.title"),
            ("button", "body", nil, "body"), ("button", "body.text", "", "body.text"),
            ("button", "body.text", characters(1024), nil), ("button", "body.text", characters(1025), "body.text"),
            ("button", "footer", ["text": characters(60)], nil),
            ("button", "header", ["type": "text", "text": characters(60)], nil),
            ("button", "header", ["type": "text", "text": characters(61)], "header.text"),
            ("button", "header", ["type": "document", "document": ["id": "5", "filename": "a.pdf"]], nil),
            ("button", "header", ["type": "video", "video": ["link": "https://a.test/v.mp4"]], nil),
            ("button", "header", ["type": "image", "image": ["link": "ftp://a.test/v.jpg"]], "header.image.link"),
            ("button", "header", ["type": "image", "image": ["link": "https:///v.jpg"]], "header.image.link"),
            (
                "button", "header", ["type": "image", "image": ["id": "1", "link": "https://a.test"]],
                "header.image.link"
            ),
            ("button", "header", ["type": "image", "image": [:]], "header.image.id"),
            ("button", "header", ["type": "image", "text": "x"], "header.text"),
            ("button", "header", ["type": "audio"], "header.type"),
            ("button", "header", .null, nil),
            ("list", "action.button", characters(21), "action.button"), ("list", "action.button", nil, "action.button"),
            ("list", "body.text", characters(4096), nil), ("list", "body.text", characters(4097), "body.text"),
            ("list", "header", ["type": "image", "image": ["id": "1"]], "header.type"),
            ("list", "action.sections[0].title", nil, "action.sections[0].title"),
            ("list", "action.sections[0].title", characters(25), "action.sections[0].title"),
            ("list", "action.sections[0].rows", [], "action.sections[0].rows"),
            ("list", "action.sections[0].rows[0].id", characters(201), "action.sections[0].rows[0].id"),
            ("list", "action.sections[1].rows[0].id", "a", "action.sections[1].rows[0].id"),
            ("list", "action.sections[0].rows[0].title", characters(25), "action.sections[0].rows[0].title"),
            (
                "list", "action.sections[0].rows[0].description", characters(73),
                "action.sections[0].rows[0].description"
            ),
            ("cta_url", "action.name", "url", "action.name"),
            ("cta_url", "action.parameters.display_text", characters(21), "action.parameters.display_text"),
            ("cta_url", "action.parameters.url", "tel:+1555", "action.parameters.url"),
            ("cta_url", "action.parameters.url", "https://a b", "action.parameters.url"),
            ("flow", "action.parameters.flow_message_version", "2", "action.parameters.flow_message_version"),
            ("flow", "action.parameters.flow_name", "f", "action.parameters.flow_name"),
            ("flow", "action.parameters.flow_id", nil, "action.parameters.flow_id"),
            ("flow", "action.parameters.flow_cta", characters(30), nil),
            ("flow", "action.parameters.flow_cta", characters(31), "action.parameters.flow_cta"),
            ("flow", "action.parameters.flow_cta", emoji, "action.parameters.flow_cta"),
            ("flow", "action.parameters.mode", "live", "action.parameters.mode"),
            ("flow", "action.parameters.flow_action", "data_exchange", "action.parameters.flow_action_payload"),
            (
                "flow", "action.parameters.flow_action_payload.screen", nil,
                "action.parameters.flow_action_payload.screen"
            ),
            ("flow", "action.parameters.flow_action_payload.data", "x", "action.parameters.flow_action_payload.data"),
            ("product", "header", ["type": "text", "text": "x"], "header"),
            ("product", "body", ["text": "x"], nil),
            ("product", "action.catalog_id", nil, "action.catalog_id"),
            ("product_list", "header", nil, "header"),
            ("product_list", "header.type", "image", "header.type"),
            ("product_list", "action.sections[0].product_items", [], "action.sections[0].product_items"),
            ("catalog_message", "action.name", "catalog", "action.name"),
            ("location_request_message", "header", ["type": "text", "text": "x"], "header"),
            ("location_request_message", "footer", ["text": "x"], "footer"),
            ("location_request_message", "action.name", "location", "action.name"),
            ("address_message", "action.parameters.country", "DE", "action.parameters.country"),
            (
                "address_message", "action.parameters.saved_addresses[0].value", nil,
                "action.parameters.saved_addresses[0].value"
            ),
            ("voice_call", "action.parameters.ttl_minutes", 0, "action.parameters.ttl_minutes"),
            ("carousel", "footer", ["text": "x"], "footer"),
            ("carousel", "header", ["type": "text", "text": "x"], "header"),
            ("carousel", "action.cards[1].card_index", 0, "action.cards[1].card_index"),
            ("carousel", "action.cards[1].type", "product", "action.cards[1].type"),
            ("carousel", "action.cards[0].body.text", characters(161), "action.cards[0].body.text"),
            ("carousel", "action.cards[0].body.text", "1\n2\n3\n4", "action.cards[0].body.text"),
            ("carousel", "action.cards[0].header.type", "text", "action.cards[0].header.type"),
            (
                "carousel", "action.cards[0].action.parameters.display_text", characters(21),
                "action.cards[0].action.parameters.display_text"
            ),
        ] as [(String, String, JSON?, String?)])
    func `each limit is kept and the field named`(kind: String, path: String, new: JSON?, field: String?) throws {
        let value = replacing(path, in: try json(try #require(examples[kind])), with: new)
        #expect(fault(value) == field.map { "interactive.\($0)" })
    }

    @Test func `there are at most three buttons`() throws {
        let button = { (id: Int) -> JSON in
            ["type": "reply", "reply": ["id": .string("\(id)"), "title": .string("\(id)")]]
        }
        let value = try json(try #require(examples["button"]))
        let path = "action.buttons"
        #expect(fault(replacing(path, in: value, with: .array((0..<3).map(button)))) == nil)
        #expect(fault(replacing(path, in: value, with: .array((0..<4).map(button)))) == "interactive.action.buttons")
    }

    @Test func `a list has at most ten rows in all its sections`() throws {
        let section = { (rows: Range<Int>) -> JSON in
            ["title": "S", "rows": .array(rows.map { ["id": .string("\($0)"), "title": "R"] })]
        }
        let value = try json(try #require(examples["list"]))
        let path = "action.sections"
        #expect(fault(replacing(path, in: value, with: [section(0..<5), section(5..<10)])) == nil)
        #expect(fault(replacing(path, in: value, with: [section(0..<5), section(5..<11)])) == "interactive.\(path)")
        #expect(fault(replacing(path, in: value, with: [section(0..<11)])) == "interactive.\(path)[0].rows")
        let untitled = replacing("title", in: section(0..<1), with: nil)
        #expect(fault(replacing(path, in: value, with: [untitled])) == nil)
    }

    @Test func `a product list has at most 30 products in all its sections`() throws {
        let section = { (count: Int) -> JSON in
            ["title": "S", "product_items": .array(Array(repeating: ["product_retailer_id": "1"], count: count))]
        }
        let value = try json(try #require(examples["product_list"]))
        let path = "action.sections"
        #expect(fault(replacing(path, in: value, with: [section(15), section(15)])) == nil)
        #expect(fault(replacing(path, in: value, with: [section(15), section(16)])) == "interactive.\(path)")
        #expect(
            fault(replacing(path, in: value, with: .array(Array(repeating: section(1), count: 11))))
                == "interactive.\(path)")
    }

    @Test func `a carousel has 2 to 10 cards`() throws {
        let value = try json(try #require(examples["carousel"]))
        let card = try #require(value["action"]?["cards"]?[0])
        let cards = { (count: Int) -> JSON in
            .array((0..<count).map { replacing("card_index", in: card, with: .integer(Int64($0))) })
        }
        for (count, isTaken) in [(1, false), (2, true), (10, true), (11, false)] {
            let changed = replacing("action.cards", in: value, with: cards(count))
            #expect((fault(changed) == nil) == isTaken)
        }
    }
}
