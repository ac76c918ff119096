import JSON

/// The components of a template send: which there are, and how many parameters of which kinds each may have.
enum TemplateComponents {
    private static let types = [
        "header", "body", "button", "limited_time_offer", "carousel", "tap_target_configuration",
    ]
    private static let fields = ["type", "sub_type", "index", "parameters", "cards"]
    private static let maxButtons = 10
    /// Meta bounds a body that stands alone higher than one beside other components.
    private static let bodyLimit = 1024
    private static let loneBodyLimit = 32768

    static func check(_ template: FieldReader) throws(FieldError) {
        let components = try template.readers("components", count: 0...16, allowed: fields) ?? []
        try check(components, types: types, bodyLimit: components.count == 1 ? loneBodyLimit : bodyLimit)
    }

    private static func check(
        _ components: [FieldReader], types: [String], bodyLimit: Int
    ) throws(FieldError) {
        var seen: Set<String> = []
        for component in components {
            let type = try component.requiredChoice("type", of: types)
            if type != "button" {
                try component.refuse("sub_type", "belongs to components of the type button")
                try component.refuse("index", "belongs to components of the type button")
            }
            if type != "carousel" { try component.refuse("cards", "belongs to the component of the type carousel") }
            let name = type == "button" ? "button \(try buttonIndex(component))" : type
            guard seen.insert(name).inserted else {
                throw component.error("type", "stands for a second `\(name)`; there can be one")
            }
            switch type {
            case "header": try TemplateParameters.check(component, .header, count: 1...1)
            case "body": try TemplateParameters.check(component, .body(limit: bodyLimit), count: 1...100)
            case "button": try checkButton(component)
            case "limited_time_offer": try TemplateParameters.check(component, .limitedTimeOffer, count: 1...1)
            case "tap_target_configuration": try TemplateParameters.check(component, .tapTarget, count: 1...1)
            default: try checkCarousel(component)
            }
        }
    }

    /// The place among all buttons of the template, as an integer or as text.
    private static func buttonIndex(_ button: FieldReader) throws(FieldError) -> Int64 {
        guard let index = try button.number("index", 0...Double(maxButtons - 1), allowText: true) else {
            throw button.error("index", "is required")
        }
        guard let whole = Int64(exactly: index) else {
            throw button.error("index", "must be a whole number from 0 to \(maxButtons - 1)")
        }
        return whole
    }

    private static func checkButton(_ button: FieldReader) throws(FieldError) {
        let subTypes = TemplateParameters.Place.buttons.map(\.subType)
        let subType = try button.requiredChoice("sub_type", of: subTypes)
        for (name, place, count) in TemplateParameters.Place.buttons where name == subType {
            try TemplateParameters.check(button, place, count: count)
        }
    }

    private static func checkCarousel(_ carousel: FieldReader) throws(FieldError) {
        try carousel.refuse("parameters", "isn't possible in a carousel; each card has components of its own")
        let cards = try carousel.requiredReaders("cards", count: 2...10, allowed: ["card_index", "components"])
        var seen: Set<Int64> = []
        for card in cards {
            guard seen.insert(try card.requiredInteger("card_index", 0...9)).inserted else {
                throw card.error("card_index", "must differ from that of the other cards")
            }
            let components = try card.requiredReaders("components", count: 1...8, allowed: fields)
            try check(components, types: ["header", "body", "button"], bodyLimit: bodyLimit)
        }
    }
}
