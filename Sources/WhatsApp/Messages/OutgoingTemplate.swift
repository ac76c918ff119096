import JSON

extension OutgoingContent {
    /// A template as Meta writes it, `{name, language, components?}`; `language` may be the bare code, and `en-US`
    /// becomes `en_US`. Which variables a template has is known at Meta only; each value's form and length is checked.
    package static func template(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        var template = value.withoutNulls(except: TemplateParameters.freeForm)
        let reader = try FieldReader(template, path: path, allowed: ["name", "language", "components"])
        let name = try reader.requiredString("name", 1...512)
        guard name.utf8.allSatisfy(isNameByte) else {
            throw reader.error("name", "must consist of lower-case letters a to z, digits and _")
        }
        let language = try language(of: template, reader)
        try TemplateComponents.check(reader)
        if case .object(var object) = template {
            object["language"] = language
            template = .object(object)
        }
        return .template(template)
    }

    private static func language(of template: JSON, _ reader: FieldReader) throws(FieldError) -> JSON {
        if case .string = template["language"] {
            return ["code": .string(try code(try reader.requiredString("language", 2...20), reader, "language"))]
        }
        let language = try reader.requiredReader("language", allowed: ["code", "policy"])
        var object: JSONObject = [
            "code": .string(try code(try language.requiredString("code", 2...20), language, "code"))
        ]
        if let policy = try language.choice("policy", of: ["deterministic"]) { object["policy"] = .string(policy) }
        return .object(object)
    }

    /// Webhooks and reads spell a language with `-` here and `_` there; a send wants `_`.
    private static func code(_ text: String, _ reader: FieldReader, _ key: String) throws(FieldError) -> String {
        let code = text.replacing("-", with: "_")
        let parts = code.split(separator: "_", omittingEmptySubsequences: false)
        let isCode = parts.allSatisfy { 2...8 ~= $0.utf8.count && $0.utf8.allSatisfy(isLetterOrDigit) }
        guard isCode, parts.count <= 3 else {
            throw reader.error(key, "must be a language code as in en_US")
        }
        return code
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte != UInt8(ascii: "_") && isNameByte(byte | 0x20)
    }
}
