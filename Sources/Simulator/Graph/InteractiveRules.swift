import JSON

/// Meta's limits for `interactive` objects.
enum InteractiveRules {
    private typealias Rules = ContentRules

    /// Kinds that need nothing but a name in their action.
    private static let named: Set<String> = [
        "location_request_message", "call_permission_request", "request_contact_info", "address_message", "voice_call",
        "catalog_message",
    ]

    /// - Returns: the body's text.
    static func check(_ content: JSON) throws(GraphError) -> String? {
        let kind = try Rules.text(content, "type", in: "interactive", 1...64)
        let bodyLimit = kind == "list" ? 4096 : 1024
        var summary: String?
        if kind == "product" || kind == "carousel" {
            summary = content["body"]?["text"]?.string
        } else {
            guard let body = content["body"], body.object != nil else { throw .missing("interactive.body") }
            summary = try Rules.text(body, "text", in: "interactive.body", 1...bodyLimit)
        }
        if let footer = content["footer"], !footer.isNull {
            _ = try Rules.text(footer, "text", in: "interactive.footer", 1...60)
        }
        try header(content["header"], of: kind)
        guard let action = content["action"], action.object != nil else { throw .missing("interactive.action") }
        switch kind {
        case "button": try buttons(action)
        case "list": try list(action)
        case "cta_url":
            let parameters = try parameters(action, named: "cta_url")
            _ = try Rules.text(parameters, "display_text", in: "interactive.action.parameters", 1...20)
            let url = try Rules.text(parameters, "url", in: "interactive.action.parameters", 1...2000)
            guard url.hasPrefix("https://") || url.hasPrefix("http://") else {
                throw .value("interactive.action.parameters.url must be an http or https address.")
            }
        case "flow":
            let parameters = try parameters(action, named: "flow")
            _ = try Rules.text(parameters, "flow_message_version", in: "interactive.action.parameters", 1...8)
            _ = try Rules.text(parameters, "flow_cta", in: "interactive.action.parameters", 1...30)
            guard parameters["flow_id"]?.string != nil || parameters["flow_name"]?.string != nil else {
                throw .missing("interactive.action.parameters.flow_id")
            }
        case "product":
            _ = try Rules.text(action, "catalog_id", in: "interactive.action", 1...256)
            _ = try Rules.text(action, "product_retailer_id", in: "interactive.action", 1...256)
        case "product_list":
            _ = try Rules.text(action, "catalog_id", in: "interactive.action", 1...256)
            try sections(action, items: "product_items", limit: 30)
        case "carousel":
            guard let cards = action["cards"]?.array, (2...10).contains(cards.count) else {
                throw .value("interactive.action.cards must hold 2 to 10 cards.")
            }
        case let kind where named.contains(kind):
            _ = try Rules.text(action, "name", in: "interactive.action", 1...64)
        default:
            throw .value("interactive.type \"\(kind)\" is not known.")
        }
        return summary
    }

    private static func header(_ header: JSON?, of kind: String) throws(GraphError) {
        guard let header, !header.isNull else { return }
        let type = try Rules.text(header, "type", in: "interactive.header", 1...16)
        switch type {
        case "text": _ = try Rules.text(header, "text", in: "interactive.header", 1...60)
        case "image", "video", "document":
            guard kind != "list", kind != "product_list" else {
                throw .value("interactive.header of a \(kind) must be text.")
            }
            guard let media = header[type], media["id"]?.string != nil || media["link"]?.string != nil else {
                throw .missing("interactive.header.\(type).id")
            }
        default: throw .value("interactive.header.type must be text, image, video or document.")
        }
    }

    private static func buttons(_ action: JSON) throws(GraphError) {
        guard let buttons = action["buttons"]?.array, (1...3).contains(buttons.count) else {
            throw .value("interactive.action.buttons must hold 1 to 3 buttons.")
        }
        var ids: Set<String> = []
        var titles: Set<String> = []
        for (index, button) in buttons.enumerated() {
            let path = "interactive.action.buttons[\(index)]"
            guard button["type"]?.string == "reply", let reply = button["reply"] else {
                throw .value("\(path) must be of type reply.")
            }
            ids.insert(try Rules.text(reply, "id", in: "\(path).reply", 1...256))
            titles.insert(try Rules.text(reply, "title", in: "\(path).reply", 1...20))
        }
        guard ids.count == buttons.count, titles.count == buttons.count else {
            throw .value("interactive.action.buttons: ids and titles must differ.")
        }
    }

    private static func list(_ action: JSON) throws(GraphError) {
        _ = try Rules.text(action, "button", in: "interactive.action", 1...20)
        let rows = try sections(action, items: "rows", limit: 10)
        var ids: Set<String> = []
        for (path, row) in rows {
            ids.insert(try Rules.text(row, "id", in: path, 1...200))
            _ = try Rules.text(row, "title", in: path, 1...24)
            _ = try Rules.optionalText(row, "description", in: path, 0...72)
        }
        guard ids.count == rows.count else { throw .value("interactive.action.sections: row ids must differ.") }
    }

    @discardableResult
    private static func sections(
        _ action: JSON, items key: String, limit: Int
    ) throws(GraphError) -> [(path: String, item: JSON)] {
        guard let sections = action["sections"]?.array, (1...10).contains(sections.count) else {
            throw .value("interactive.action.sections must hold 1 to 10 sections.")
        }
        var items: [(String, JSON)] = []
        for (index, section) in sections.enumerated() {
            let path = "interactive.action.sections[\(index)]"
            if sections.count > 1 {
                _ = try Rules.text(section, "title", in: path, 1...24)
            } else {
                _ = try Rules.optionalText(section, "title", in: path, 0...24)
            }
            guard let found = section[key]?.array, !found.isEmpty else { throw .missing("\(path).\(key)") }
            items += found.enumerated().map { ("\(path).\(key)[\($0.offset)]", $0.element) }
        }
        guard items.count <= limit else {
            throw .value("interactive.action.sections must hold at most \(limit) \(key) in all.")
        }
        return items
    }

    private static func parameters(_ action: JSON, named name: String) throws(GraphError) -> JSON {
        guard action["name"]?.string == name else { throw .value("interactive.action.name must be \(name).") }
        guard let parameters = action["parameters"], parameters.object != nil else {
            throw .missing("interactive.action.parameters")
        }
        return parameters
    }
}
