import JSON

extension InteractiveMessage {
    private static let maxRows = 10

    func checkList() throws(FieldError) {
        try checkHeader(["text"])
        try checkBody(1...4096)
        try checkFooter()
        let action = try action(["button", "sections"])
        _ = try action.requiredString("button", 1...20)
        let sections = try action.requiredReaders("sections", count: 1...10, allowed: ["title", "rows"])
        var ids: Set<String> = []
        for section in sections {
            try Self.checkTitle(of: section, among: sections.count)
            let allowed = ["id", "title", "description"]
            for row in try section.requiredReaders("rows", count: 1...Self.maxRows, allowed: allowed) {
                guard ids.insert(try row.requiredString("id", 1...200)).inserted else {
                    throw row.error("id", "must differ from that of the other rows")
                }
                _ = try row.requiredString("title", 1...24)
                _ = try row.string("description", 0...72)
            }
        }
        guard ids.count <= Self.maxRows else {
            throw action.error("sections", "must have at most \(Self.maxRows) rows in all, not \(ids.count)")
        }
    }

    static func checkTitle(of section: FieldReader, among count: Int) throws(FieldError) {
        guard try section.string("title", 1...24) == nil, count > 1 else { return }
        throw section.error("title", "is required with more than one section")
    }
}
