import JSON

/// What Meta refuses about the object of a message's type.
struct ContentRules: Sendable {
    struct Checked {
        let summary: String?
        var category = "service"
    }

    let phoneNumberID: String
    let shelf: MediaShelf

    static let types: Set<String> = [
        "text", "image", "video", "audio", "document", "sticker", "location", "contacts", "reaction", "template",
        "interactive",
    ]

    func check(_ type: String, _ content: JSON, toUserID: Bool) throws(GraphError) -> Checked {
        switch type {
        case "text":
            let body = try Self.text(content, "body", in: "text", 1...4096)
            if let preview = content["preview_url"], !preview.isNull, preview.bool == nil {
                throw .value("text.preview_url must be a boolean.")
            }
            return Checked(summary: body)
        case "location":
            try coordinate(content, "latitude", 90)
            try coordinate(content, "longitude", 180)
            let name = try Self.optionalText(content, "name", in: "location", 1...1000)
            _ = try Self.optionalText(content, "address", in: "location", 1...1000)
            return Checked(summary: name)
        case "contacts":
            return try contacts(content)
        case "reaction":
            _ = try Self.text(content, "message_id", in: "reaction", 1...1024)
            guard let emoji = content["emoji"] else { throw .missing("reaction.emoji") }
            guard let emoji = emoji.string, emoji.unicodeScalars.count <= 32 else {
                throw .value("reaction.emoji must be one emoji, or empty to remove it.")
            }
            return Checked(summary: emoji)
        case "template":
            return try TemplateRules.check(content)
        case "interactive":
            return Checked(summary: try InteractiveRules.check(content))
        default:
            return try media(type, content)
        }
    }

    private func media(_ type: String, _ content: JSON) throws(GraphError) -> Checked {
        let id = try Self.optionalText(content, "id", in: type, 1...256)
        let link = try Self.optionalText(content, "link", in: type, 1...4096)
        switch (id, link) {
        case (nil, nil): throw .missing("\(type).id or \(type).link")
        case (_?, _?): throw .value("\(type): give either id or link, not both.")
        case (nil, let link?):
            guard link.hasPrefix("https://") || link.hasPrefix("http://") else {
                throw .value("\(type).link must be an http or https address.")
            }
        case (let id?, nil):
            guard let media = shelf.entry(id) else {
                throw .invalid(
                    "Invalid parameter: \(type).id: media \(id) does not exist or belongs to another number.")
            }
            guard MediaTypes.fits(media.mimeType, type) else {
                throw .value("\(type).id: media \(id) is \(media.mimeType), which does not go as \(type).")
            }
        }
        if type == "audio" || type == "sticker" {
            if content["caption"] != nil { throw .value("\(type) takes no caption.") }
            return Checked(summary: nil)
        }
        let caption = try Self.optionalText(content, "caption", in: type, 0...1024)
        let fileName = try Self.optionalText(content, "filename", in: type, 1...240)
        if type != "document", fileName != nil { throw .value("\(type) takes no filename.") }
        return Checked(summary: caption ?? fileName)
    }

    private func contacts(_ content: JSON) throws(GraphError) -> Checked {
        let cards = content.array ?? []
        guard (1...257).contains(cards.count) else { throw .value("contacts must hold 1 to 257 contacts.") }
        var names: [String] = []
        for (index, card) in cards.enumerated() {
            let path = "contacts[\(index)]"
            guard let name = card["name"], name.object != nil else { throw .missing("\(path).name") }
            names.append(try Self.text(name, "formatted_name", in: "\(path).name", 1...1000))
            let parts = ["first_name", "last_name", "middle_name", "suffix", "prefix"]
            guard parts.contains(where: { !(name[$0]?.string ?? "").isEmpty }) else {
                throw .value("\(path).name needs one more part beside formatted_name.")
            }
            for key in ["phones", "emails", "urls", "addresses"] {
                guard let list = card[key], !list.isNull else { continue }
                guard list.array?.allSatisfy({ $0.object != nil }) == true else {
                    throw .value("\(path).\(key) must be an array of objects.")
                }
            }
        }
        return Checked(summary: names.joined(separator: ", "))
    }

    private func coordinate(_ content: JSON, _ key: String, _ bound: Double) throws(GraphError) {
        guard let value = content[key], !value.isNull else { throw .missing("location.\(key)") }
        guard let number = value.double ?? value.string.flatMap({ Double($0) }), abs(number) <= bound else {
            throw .value("location.\(key) must be a number from -\(Int(bound)) to \(Int(bound)).")
        }
    }

    /// A string that must be there; length in Unicode scalars.
    static func text(
        _ content: JSON, _ key: String, in path: String, _ length: ClosedRange<Int>
    ) throws(GraphError) -> String {
        guard let value = content[key], !value.isNull, length.lowerBound == 0 || value != "" else {
            throw .missing("\(path).\(key)")
        }
        guard let text = value.string else { throw .value("\(path).\(key) must be a string.") }
        guard text.unicodeScalars.count <= length.upperBound else {
            throw .invalid("Invalid parameter: \(path).\(key) is too long, at most \(length.upperBound) characters.")
        }
        return text
    }

    static func optionalText(
        _ content: JSON, _ key: String, in path: String, _ length: ClosedRange<Int>
    ) throws(GraphError) -> String? {
        guard let value = content[key], !value.isNull else { return nil }
        guard value.string != nil else { throw .value("\(path).\(key) must be a string.") }
        return try text(content, key, in: path, length)
    }
}
