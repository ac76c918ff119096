/// Paths as they may be shown: templates for metrics, and for the log the path without what names a person or a file.
enum RequestPath {
    private static let longest = 200

    /// The route's template, or `unmatched`.
    static func template(_ endpointPath: String?) -> String {
        guard let endpointPath, endpointPath.hasPrefix("/") else { return "unmatched" }
        return endpointPath
    }

    /// The path with every parameter cut to its last four characters; without a template, with long runs of digits cut.
    static func masked(_ path: String, template: String?) -> String {
        guard let template, template.hasPrefix("/") else { return maskedDigits(path) }
        let names = template.split(separator: "/")
        let values = path.split(separator: "/")
        guard names.count == values.count else { return template }
        return "/"
            + zip(names, values).map { name, value in
                name.hasPrefix("{") ? maskedTail(value) : String(value)
            }.joined(separator: "/")
    }

    private static func maskedTail(_ value: Substring) -> String {
        value.count > 4 ? "…\(value.suffix(4))" : "…"
    }

    private static func maskedDigits(_ path: String) -> String {
        var masked = ""
        var digits = ""
        func flush() {
            masked += digits.count > 6 ? "…\(digits.suffix(4))" : digits
            digits = ""
        }
        for character in path.prefix(longest) {
            if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                flush()
                masked.append(character)
            }
        }
        flush()
        return masked
    }
}
