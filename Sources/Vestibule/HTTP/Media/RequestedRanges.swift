/// What a `Range` header asks for of a file (RFC 9110, §14), read as nginx reads it.
enum RequestedRanges: Sendable, Hashable {
    /// No range, another unit, or ranges that together ask for more than there is.
    case whole
    /// In the order they were asked for; at least one.
    case parts([Range<Int64>])
    /// Malformed, or nothing of it lies within the file.
    case unsatisfiable

    /// Who asks for more parts gets the whole file.
    private static let most = 32
    private static let unit = Array("bytes=".utf8)

    init(_ header: String?, size: Int64) {
        guard let header, header.utf8.count > Self.unit.count,
            header.utf8.prefix(Self.unit.count).map({ $0 | 0x20 }) == Self.unit.map({ $0 | 0x20 })
        else {
            self = .whole
            return
        }
        var reader = Reader(rest: header.utf8.dropFirst(Self.unit.count))
        var parts: [Range<Int64>] = []
        var total: Int64 = 0
        repeat {
            guard let part = reader.range(size: size) else {
                self = .unsatisfiable
                return
            }
            guard !part.isEmpty else { continue }
            parts.append(part)
            total += part.upperBound - part.lowerBound
            // Both bound what a short header can ask for.
            guard parts.count <= Self.most, total <= size else {
                self = .whole
                return
            }
        } while reader.take(UInt8(ascii: ","))
        self = parts.isEmpty ? .unsatisfiable : .parts(parts)
    }

    private struct Reader {
        var rest: Substring.UTF8View

        /// One range up to a comma or the end, cut to the file; empty when it lies outside.
        /// - Returns: nil for what is no range.
        mutating func range(size: Int64) -> Range<Int64>? {
            skipSpaces()
            var first: Int64?
            if rest.first != UInt8(ascii: "-") {
                guard let number = number() else { return nil }
                first = number
                skipSpaces()
            }
            guard take(UInt8(ascii: "-")) else { return nil }
            if first != nil { skipSpaces() }
            var last: Int64?
            if first == nil || !isAtEnd {
                guard let number = number() else { return nil }
                last = number
                skipSpaces()
                guard isAtEnd else { return nil }
            }
            guard let first else { return max(0, size - (last ?? 0))..<size }
            let end = last.map { min($0, size - 1) + 1 } ?? size
            return first < end ? first..<end : 0..<0
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest.removeFirst()
            return true
        }

        private var isAtEnd: Bool { rest.isEmpty || rest.first == UInt8(ascii: ",") }

        private mutating func skipSpaces() {
            while take(UInt8(ascii: " ")) {}
        }

        /// - Returns: nil without a digit, and for more than 64 bits hold.
        private mutating func number() -> Int64? {
            let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest.dropFirst(digits.count)
            return Int64(Substring(digits))
        }
    }
}
