import JSON

/// Walks the envelope: object, entries, changes. What stands in a change is the matter of `ChangeParser`.
struct WebhookParser {
    /// Meta announces at most 1000 updates a POST and sends some thousands of history messages; no real message is so
    /// short that more than this fits into the largest body.
    static let maxItems = 50_000

    private var items: [WebhookItem] = []

    mutating func parse(_ json: JSON) -> Webhook {
        guard let root = LooseObject(json) else {
            return Webhook(object: nil, items: [], problem: "the body is not a JSON object")
        }
        let object = root.text("object")
        guard let entries = root.array("entry") else {
            return Webhook(object: object, items: [], problem: "`entry` is not an array")
        }
        for entry in entries where items.count < Self.maxItems {
            if let object, object != "whatsapp_business_account" {
                let id = LooseObject(entry)?.text("id")
                add(.unsupported(reason: "an update of another product, \(object.prefix(100))", raw: entry), entry: id)
            } else {
                self.entry(entry)
            }
        }
        guard items.count < Self.maxItems else {
            items.removeLast(items.count - Self.maxItems)
            return Webhook(
                object: object, items: items, problem: "more than \(Self.maxItems) items, of which the rest was left")
        }
        return Webhook(object: object, items: items, problem: nil)
    }

    private mutating func entry(_ json: JSON) {
        guard let entry = LooseObject(json) else {
            return add(.unsupported(reason: "an entry that is no object", raw: json), entry: nil)
        }
        let id = entry.text("id")
        guard let changes = entry.array("changes") else {
            return add(.unsupported(reason: "an entry whose `changes` is not an array", raw: json), entry: id)
        }
        for change in changes where items.count < Self.maxItems { self.change(change, entry: id) }
    }

    private mutating func change(_ json: JSON, entry: String?) {
        guard let change = LooseObject(json) else {
            return add(.unsupported(reason: "a change that is no object", raw: json), entry: entry)
        }
        let name = change.text("field") ?? ""
        guard let value = change.object("value") else {
            return add(
                .unsupported(reason: "a change whose `value` is no object", raw: json), entry: entry, field: name)
        }
        let metadata = value.object("metadata")
        let contents: [WebhookContent]
        if let field = WebhookField(name) {
            var parser = ChangeParser(value, limit: Self.maxItems - items.count)
            contents = parser.parse(field)
        } else {
            let reason = name.isEmpty ? "a change without a `field`" : "an unknown field, \(name.prefix(100))"
            contents = [.unsupported(reason: reason, raw: value.json)]
        }
        for content in contents {
            items.append(
                WebhookItem(
                    businessAccountID: entry,
                    phoneNumberID: metadata?.text("phone_number_id"),
                    displayPhoneNumber: metadata?.phone("display_phone_number") ?? value.phone("display_phone_number"),
                    field: name, content: content))
        }
    }

    private mutating func add(_ content: WebhookContent, entry: String?, field: String = "") {
        items.append(
            WebhookItem(
                businessAccountID: entry, phoneNumberID: nil, displayPhoneNumber: nil, field: field, content: content))
    }
}
