import HummingbirdCore

/// Reading of a query: a parameter given twice, one that is not allowed, one with a NUL and one that can't be decoded
/// are errors that name it.
struct QueryReader: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter allowed: nil allows every parameter.
    init(_ uri: URI, allowed: [String]?) throws(RequestFailure) {
        for part in (uri.query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentDecoding.decode(pair[0], plusIsSpace: true),
                let value = PercentDecoding.decode(pair.count == 2 ? pair[1] : "", plusIsSpace: true)
            else { throw .invalid("the query is not properly percent-encoded") }
            if let allowed, !allowed.contains(name) {
                let known = allowed.isEmpty ? "there are none here" : "known are \(allowed.joined(separator: ", "))"
                throw .invalid("`\(name.prefix(64))` is not a parameter; \(known)", field: String(name.prefix(64)))
            }
            // PostgreSQL has no text with it.
            guard !value.utf8.contains(0) else { throw .invalid("`\(name)` must not hold a NUL", field: name) }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("`\(name)` must be given once", field: name)
            }
        }
    }

    func text(_ name: String) -> String? {
        values[name]
    }

    func integer(_ name: String, in range: ClosedRange<Int64>) throws(RequestFailure) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let number = Self.number(text), range.contains(number) else {
            let bounds =
                range.upperBound == .max ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
            throw .invalid("`\(name)` must be a whole number, \(bounds)", field: name)
        }
        return number
    }

    /// Digits alone, with "-" in front allowed: not the "+1" that `Int64` would take.
    private static func number(_ text: String) -> Int64? {
        text.hasPrefix("+") ? nil : Int64(text)
    }
}
