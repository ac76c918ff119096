import JSON

/// Reads an object of LiveKit's: the server API answers in snake_case with every field there, webhooks come in camelCase
/// without zero values, and both write 64-bit integers as strings. Fields are asked for in snake_case.
struct WireObject {
    private let fields: JSONObject

    init?(_ json: JSON?) {
        guard let fields = json?.object else { return nil }
        self.fields = fields
    }

    /// Nil when absent, empty or no text.
    func text(_ name: String) -> String? {
        guard let text = self[name]?.string, !text.isEmpty else { return nil }
        return text
    }

    func integer(_ name: String) -> Int64? {
        self[name]?.int ?? self[name]?.string.flatMap { Int64($0) }
    }

    func flag(_ name: String) -> Bool { self[name]?.bool ?? false }

    func array(_ name: String) -> [JSON] { self[name]?.array ?? [] }

    func texts(_ name: String) -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in self[name]?.object ?? [:] { texts[key] = value.string }
        return texts
    }

    /// The time in a field of milliseconds, or in the older one of seconds beside it.
    func time(_ name: String) -> Int64? {
        if let milliseconds = integer(name + "_ms"), milliseconds != 0 { return milliseconds }
        guard let seconds = integer(name), 1...9_999_999_999 ~= seconds else { return nil }
        return seconds * 1000
    }

    subscript(_ name: String) -> JSON? { fields[name] ?? fields[Self.camelCase(name)] }

    private static func camelCase(_ name: String) -> String {
        let words = name.split(separator: "_")
        return words.dropFirst().reduce(into: String(words[0])) { $0 += $1.prefix(1).uppercased() + $1.dropFirst() }
    }
}
