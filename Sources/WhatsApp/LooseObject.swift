import JSON

/// Reads an object of Meta's as leniently as can be: null and `""` count as absent, numbers stand for strings and
/// strings for numbers, and a value of any other type is absent rather than an error.
struct LooseObject {
    let json: JSON
    private let fields: JSONObject

    init?(_ json: JSON?) {
        guard let json, let fields = json.object else { return nil }
        self.json = json
        self.fields = fields
    }

    /// The value as received, null included.
    subscript(_ key: String) -> JSON? { fields[key] }

    /// The value unless it is absent or null.
    func value(_ key: String) -> JSON? {
        guard let value = fields[key], !value.isNull else { return nil }
        return value
    }

    func object(_ key: String) -> LooseObject? { LooseObject(fields[key]) }

    func array(_ key: String) -> [JSON]? { fields[key]?.array }

    func text(_ key: String) -> String? { Self.text(fields[key]) }

    /// The first of several names of one field that has a value.
    func text(_ first: String, or others: String...) -> String? {
        if let found = text(first) { return found }
        for key in others {
            if let found = text(key) { return found }
        }
        return nil
    }

    func integer(_ key: String) -> Int64? {
        switch fields[key] {
        case .integer(let value): value
        case .number(let value): Int64(exactly: value.rounded(.towardZero))
        case .string(let value): Int64(value)
        default: nil
        }
    }

    /// A finite number.
    func number(_ key: String) -> Double? {
        let value: Double? =
            switch fields[key] {
            case .integer(let value): Double(value)
            case .number(let value): value
            case .string(let value): Double(value)
            default: nil
            }
        guard let value, value.isFinite else { return nil }
        return value
    }

    func flag(_ key: String) -> Bool? {
        switch fields[key] {
        case .bool(let value): value
        case .integer(0), .string("false"): false
        case .integer(1), .string("true"): true
        default: nil
        }
    }

    /// Unix seconds, an integer or a string of one, in milliseconds. Nil when unreadable, and for a time before there
    /// was WhatsApp or after 2100: what is kept and purged by its time must not be led by an absurd one.
    func milliseconds(_ key: String) -> Int64? {
        guard let seconds = integer(key), (1_230_768_000...4_102_444_800).contains(seconds) else { return nil }
        return seconds * 1000
    }

    /// A telephone number as digits; what is no number (a group's id, a phone number id's) stays as it is.
    func phone(_ key: String) -> String? {
        text(key).map { PhoneNumber($0)?.digits ?? $0 }
    }

    static func text(_ json: JSON?) -> String? {
        switch json {
        case .string(let value): value.isEmpty ? nil : value
        case .integer(let value): String(value)
        case .number(let value): Int64(exactly: value).map { String($0) } ?? String(value)
        default: nil
        }
    }
}
