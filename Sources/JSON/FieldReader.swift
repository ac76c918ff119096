/// Strict reading of a request's object: wrong types, unknown fields, NUL characters and lengths are errors that name
/// the field. Absent and null both read as nil.
package struct FieldReader: Sendable {
    package let path: String
    private let object: JSONObject

    /// - Throws: when `value` is no object, or has a field that isn't `allowed`.
    package init(_ value: JSON, path: String = "", allowed: [String]) throws(FieldError) {
        guard case .object(let object) = value else { throw FieldError(field: path, problem: "must be an object") }
        self.path = path
        self.object = object
        for (key, _) in object where !allowed.contains(key) {
            throw error(Self.printable(key), "is not a field here; allowed are \(allowed.joined(separator: ", "))")
        }
    }

    package func fieldPath(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    package func error(_ key: String, _ problem: String) -> FieldError {
        FieldError(field: fieldPath(key), problem: problem)
    }

    /// Whether the field is there and not null.
    package func has(_ key: String) -> Bool { value(key) != nil }

    private func value(_ key: String) -> JSON? {
        if let value = object[key], !value.isNull { value } else { nil }
    }

    /// - Parameter length: in Unicode scalars.
    package func string(_ key: String, _ length: ClosedRange<Int> = 0...1_000_000) throws(FieldError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let string) = value, length.contains(string.unicodeScalars.count) else {
            throw error(key, "must be a string of \(Self.words(length)) characters")
        }
        try refuseNUL(value, in: key)
        return string
    }

    package func requiredString(
        _ key: String, _ length: ClosedRange<Int> = 1...1_000_000
    ) throws(FieldError) -> String {
        try required(key, try string(key, length))
    }

    package func choice(_ key: String, of choices: [String]) throws(FieldError) -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let string) = value, choices.contains(string) else {
            throw error(key, "must be \(choices.count == 1 ? "" : "one of ")\(choices.joined(separator: ", "))")
        }
        return string
    }

    package func requiredChoice(_ key: String, of choices: [String]) throws(FieldError) -> String {
        try required(key, try choice(key, of: choices))
    }

    package func bool(_ key: String) throws(FieldError) -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .bool(let bool) = value else { throw error(key, "must be true or false") }
        return bool
    }

    package func integer(
        _ key: String, _ range: ClosedRange<Int64> = .min ... .max
    ) throws(FieldError) -> Int64? {
        guard let value = value(key) else { return nil }
        guard let integer = value.int, range.contains(integer) else {
            throw error(key, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    package func requiredInteger(
        _ key: String, _ range: ClosedRange<Int64> = .min ... .max
    ) throws(FieldError) -> Int64 {
        try required(key, try integer(key, range))
    }

    /// - Parameter allowText: whether a string that reads as a JSON number will do.
    package func number(
        _ key: String, _ range: ClosedRange<Double>, allowText: Bool = false
    ) throws(FieldError) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.double ?? (allowText ? Self.number(value.string) : nil), range.contains(number) else {
            throw error(key, "must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    package func requiredNumber(
        _ key: String, _ range: ClosedRange<Double>, allowText: Bool = false
    ) throws(FieldError) -> Double {
        try required(key, try number(key, range, allowText: allowText))
    }

    /// A free-form object, as `.object`.
    package func object(_ key: String) throws(FieldError) -> JSON? {
        guard let value = value(key) else { return nil }
        guard case .object = value else { throw error(key, "must be an object") }
        try refuseNUL(value, in: key)
        return value
    }

    package func requiredObject(_ key: String) throws(FieldError) -> JSON {
        try required(key, try object(key))
    }

    package func array(_ key: String, count: ClosedRange<Int> = 0...1_000_000) throws(FieldError) -> [JSON]? {
        guard let value = value(key) else { return nil }
        guard case .array(let items) = value, count.contains(items.count) else {
            throw error(key, "must be an array of \(Self.words(count)) items")
        }
        try refuseNUL(value, in: key)
        return items
    }

    package func requiredArray(_ key: String, count: ClosedRange<Int> = 0...1_000_000) throws(FieldError) -> [JSON] {
        try required(key, try array(key, count: count))
    }

    /// A reader of the object in that field.
    package func reader(_ key: String, allowed: [String]) throws(FieldError) -> FieldReader? {
        guard let value = value(key) else { return nil }
        return try FieldReader(value, path: fieldPath(key), allowed: allowed)
    }

    package func requiredReader(_ key: String, allowed: [String]) throws(FieldError) -> FieldReader {
        try required(key, try reader(key, allowed: allowed))
    }

    /// A reader for each object of the array in that field; the path of each is `key[i]`.
    package func readers(
        _ key: String, count: ClosedRange<Int>, allowed: [String]
    ) throws(FieldError) -> [FieldReader]? {
        guard let items = try array(key, count: count) else { return nil }
        var readers: [FieldReader] = []
        for (place, item) in items.enumerated() {
            readers.append(try FieldReader(item, path: "\(fieldPath(key))[\(place)]", allowed: allowed))
        }
        return readers
    }

    package func requiredReaders(
        _ key: String, count: ClosedRange<Int>, allowed: [String]
    ) throws(FieldError) -> [FieldReader] {
        try required(key, try readers(key, count: count, allowed: allowed))
    }
}

extension FieldReader {
    private func required<Value>(_ key: String, _ value: Value?) throws(FieldError) -> Value {
        guard let value else { throw error(key, "is required") }
        return value
    }

    /// The databases can't keep U+0000, so it is refused where it comes in.
    private func refuseNUL(_ value: JSON, in key: String) throws(FieldError) {
        if Self.hasNUL(value) { throw error(key, "must not contain NUL characters") }
    }

    private static func hasNUL(_ value: JSON) -> Bool {
        switch value {
        case .string(let string): string.utf8.contains(0)
        case .array(let items): items.contains(where: hasNUL)
        case .object(let object): object.contains { $0.key.utf8.contains(0) || hasNUL($0.value) }
        case .null, .bool, .integer, .number: false
        }
    }

    /// Only what JSON's own grammar allows: no `inf`, no hexadecimal, no spaces.
    private static func number(_ text: String?) -> Double? {
        guard let text, text.utf8.count <= 64, text.utf8.first != 0xEF else { return nil }
        guard text.utf8.first.map({ !$0.isSpace }) == true, text.utf8.last.map({ !$0.isSpace }) == true else {
            return nil
        }
        // Not being JSON is all there is to know about the text: it is then no number.
        return try? JSON(parsing: text.utf8).double
    }

    private static func words(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (let low, let high) where low == high: "exactly \(low)"
        case (0, let high): "at most \(high)"
        case (let low, let high): "\(low) to \(high)"
        }
    }

    /// A key from outside, fit for an error message: short, and without control characters.
    private static func printable(_ key: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in key.unicodeScalars.prefix(64) {
            scalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return String(scalars)
    }
}

extension UInt8 {
    fileprivate var isSpace: Bool { self == 0x20 || 0x09...0x0D ~= self }
}
