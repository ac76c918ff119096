import Foundation

/// Takes a `multipart/form-data` body (RFC 7578) apart while it comes in: holds a part's head and the bytes that may
/// begin a boundary, never a part's content.
struct MultipartReader: Sendable {
    enum Event: Sendable, Equatable {
        case part(name: String, fileName: String?)
        /// Of the part that was begun last.
        case bytes([UInt8])
    }

    struct Malformed: Error, Equatable {
        let problem: String
    }

    private enum Place {
        case preamble, head, content, end
    }

    static let headLimit = 8 * 1024
    static let partLimit = 16

    /// With the line break before it.
    private let boundary: [UInt8]
    private var place = Place.preamble
    private var pending: [UInt8]
    private var parts = 0
    /// The break that ends a head belongs to no content, and may begin a boundary.
    private var skipsLineBreak = false

    /// - Returns: nil for a content type that is no `multipart/form-data` with a boundary.
    init?(contentType: String?) {
        guard let contentType, let fields = HeaderParameters(contentType),
            fields.value.lowercased() == "multipart/form-data", let boundary = fields["boundary"],
            (1...70).contains(boundary.utf8.count)
        else { return nil }
        self.boundary = Array("\r\n--\(boundary)".utf8)
        // The first boundary may stand at the very start.
        pending = Array("\r\n".utf8)
    }

    /// Whether the last boundary was seen; what follows it means nothing.
    var isAtEnd: Bool { place == .end }

    mutating func take(_ bytes: [UInt8]) throws(Malformed) -> [Event] {
        if place == .end { return [] }
        pending += bytes
        var events: [Event] = []
        var start = 0
        defer { pending.removeFirst(start) }
        reading: while true {
            switch place {
            case .preamble, .content:
                guard let found = Self.find(boundary, in: pending, from: start) else {
                    let safe = max(start, pending.count - boundary.count + 1)
                    if skipsLineBreak, safe - start < 2 { break reading }
                    yield(start..<safe, to: &events)
                    start = safe
                    break reading
                }
                // What follows the boundary says whether another part does.
                guard pending.count >= found + boundary.count + 2 else {
                    yield(start..<found, to: &events)
                    start = found
                    break reading
                }
                yield(start..<found, to: &events)
                start = found + boundary.count + 2
                switch (pending[start - 2], pending[start - 1]) {
                case (UInt8(ascii: "\r"), UInt8(ascii: "\n")): place = .head
                case (UInt8(ascii: "-"), UInt8(ascii: "-")):
                    place = .end
                    start = pending.count
                    break reading
                default: throw Malformed(problem: "a boundary is followed by neither a part nor the end")
                }
            case .head:
                guard let end = Self.find(Array("\r\n\r\n".utf8), in: pending, from: start) else {
                    guard pending.count - start <= Self.headLimit else {
                        throw Malformed(problem: "the head of a part is larger than \(Self.headLimit) bytes")
                    }
                    break reading
                }
                parts += 1
                guard parts <= Self.partLimit else {
                    throw Malformed(problem: "there are more than \(Self.partLimit) parts")
                }
                events.append(try Self.part(pending[start..<end]))
                // The line break stays: a part without content has its boundary at once.
                start = end + 2
                place = .content
                skipsLineBreak = true
            case .end: break reading
            }
        }
        return events
    }

    private mutating func yield(_ range: Range<Int>, to events: inout [Event]) {
        guard place == .content, !range.isEmpty else { return }
        let skipped = skipsLineBreak ? 2 : 0
        skipsLineBreak = false
        if range.count > skipped { events.append(.bytes(Array(pending[range].dropFirst(skipped)))) }
    }

    private static func part(_ head: ArraySlice<UInt8>) throws(Malformed) -> Event {
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let field = line.split(separator: ":", maxSplits: 1)
            guard field.count == 2, field[0].lowercased() == "content-disposition" else { continue }
            guard let disposition = HeaderParameters(String(field[1])), disposition.value.lowercased() == "form-data",
                let name = disposition["name"]
            else { break }
            return .part(name: name, fileName: disposition["filename"])
        }
        throw Malformed(problem: "a part has no `Content-Disposition: form-data` with a name")
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress, let first = needle.first else { return nil }
            var start = start
            while start + needle.count <= buffer.count,
                let mark = memchr(base + start, Int32(first), buffer.count - needle.count + 1 - start)
            {
                if memcmp(mark, needle, needle.count) == 0 { return UnsafeRawPointer(mark) - base }
                start = UnsafeRawPointer(mark) - base + 1
            }
            return nil
        }
    }
}

/// The value of a header field, and the parameters behind it.
struct HeaderParameters: Sendable {
    let value: String
    private var parameters: [String: String] = [:]

    subscript(_ name: String) -> String? { parameters[name] }

    /// - Returns: nil when it is not well-formed.
    init?(_ text: String) {
        var rest = text[...]
        value = Self.token(&rest)
        while let mark = rest.first {
            guard mark == ";" else { return nil }
            rest = rest.dropFirst()
            let parameter = Self.token(&rest)
            if parameter.isEmpty { continue }
            guard let mark = parameter.firstIndex(of: "=") else { return nil }
            let name = parameter[..<mark].lowercased()
            var content = String(parameter[parameter.index(after: mark)...])
            if content.isEmpty, rest.first == "\"" {
                guard let quoted = Self.quoted(&rest) else { return nil }
                content = quoted
                rest = rest.drop { $0 == " " || $0 == "\t" }
            }
            guard parameters.updateValue(content, forKey: name) == nil else { return nil }
        }
    }

    /// Up to the next semicolon or quote, without the blanks around it.
    private static func token(_ rest: inout Substring) -> String {
        let token = rest.prefix { $0 != ";" && $0 != "\"" }
        rest = rest.dropFirst(token.count)
        return token.trimmingCharacters(in: .whitespaces)
    }

    /// Browsers write a quote within as %22, and other programs behind a backslash, which stands for itself otherwise.
    private static func quoted(_ rest: inout Substring) -> String? {
        rest = rest.dropFirst()
        var content = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return content.replacing("%22", with: "\"")
            case "\\":
                if let next = rest.first, next == "\"" || next == "\\" {
                    content.append(next)
                    rest = rest.dropFirst()
                } else {
                    content.append(character)
                }
            default: content.append(character)
            }
        }
        return nil
    }
}
