import JSON

extension JSON {
    /// The same value with U+FFFD for each NUL character, which PostgreSQL takes neither in text nor in jsonb.
    func replacingNUL() -> JSON {
        guard holdsNUL else { return self }
        return switch self {
        case .string(let text): .string(text.replacingNUL())
        case .array(let items): .array(items.map { $0.replacingNUL() })
        case .object(let object): .object(JSONObject(object.map { ($0.key.replacingNUL(), $0.value.replacingNUL()) }))
        case .null, .bool, .integer, .number: self
        }
    }

    private var holdsNUL: Bool {
        switch self {
        case .string(let text): text.utf8.contains(0)
        case .array(let items): items.contains { $0.holdsNUL }
        case .object(let object): object.contains { $0.key.utf8.contains(0) || $0.value.holdsNUL }
        case .null, .bool, .integer, .number: false
        }
    }
}

extension String {
    fileprivate func replacingNUL() -> String {
        guard utf8.contains(0) else { return self }
        var clean = ""
        clean.unicodeScalars.append(contentsOf: unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 })
        return clean
    }
}
