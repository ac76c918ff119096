import JSON

// Buttons that answer at a tap, and the one that opens a page.
extension InteractiveMessage {
    func checkButtons() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        let buttons = try action(["buttons"]).requiredReaders("buttons", count: 1...3, allowed: ["type", "reply"])
        var ids: Set<String> = []
        var titles: Set<String> = []
        for button in buttons {
            _ = try button.requiredChoice("type", of: ["reply"])
            let reply = try button.requiredReader("reply", allowed: ["id", "title"])
            guard ids.insert(try reply.requiredString("id", 1...256)).inserted else {
                throw reply.error("id", "must differ from that of the other buttons")
            }
            guard titles.insert(try reply.requiredString("title", 1...20)).inserted else {
                throw reply.error("title", "must differ from that of the other buttons")
            }
        }
    }

    func checkLink() throws(FieldError) {
        try checkHeader()
        try checkBody()
        try checkFooter()
        try Self.checkLinkAction(try action(["name", "parameters"]))
    }

    static func checkLinkAction(_ action: FieldReader) throws(FieldError) {
        _ = try action.requiredChoice("name", of: ["cta_url"])
        let parameters = try action.requiredReader("parameters", allowed: ["display_text", "url"])
        _ = try parameters.requiredString("display_text", 1...20)
        _ = try parameters.requiredWebAddress("url")
    }
}
