/// The parts of a `multipart/form-data` body that is held whole.
struct MultipartForm: Sendable {
    struct Part: Sendable {
        var name = ""
        var fileName: String?
        var contentType: String?
        var body: ArraySlice<UInt8>
    }

    let parts: [Part]

    /// - Returns: nil when the header names no boundary or the body doesn't follow it. At most 32 parts are read.
    init?(contentType: String?, body: [UInt8]) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data"),
            let boundary = Self.parameter("boundary", of: contentType), !boundary.isEmpty
        else { return nil }
        let delimiter = Array("--\(boundary)".utf8)
        guard body.starts(with: delimiter) else { return nil }
        let next = Array("\r\n--\(boundary)".utf8)
        var parts: [Part] = []
        var rest = body.dropFirst(delimiter.count)
        while !rest.starts(with: Array("--".utf8)) {
            guard rest.starts(with: [13, 10]), parts.count < 32 else { return nil }
            rest = rest.dropFirst(2)
            // A part without headers begins with the empty line at once.
            let headEnd = rest.starts(with: [13, 10]) ? rest.startIndex - 2 : Self.find([13, 10, 13, 10], in: rest)
            guard let headEnd else { return nil }
            let content = rest[(headEnd + 4)...]
            guard let end = Self.find(next, in: content) else { return nil }
            let head = headEnd > rest.startIndex ? rest[rest.startIndex..<headEnd] : []
            parts.append(Self.part(head: head, body: content[content.startIndex..<end]))
            rest = body[(end + next.count)...]
        }
        self.parts = parts
    }

    subscript(name: String) -> Part? { parts.first { $0.name == name } }

    func text(_ name: String) -> String? { self[name].map { String(decoding: $0.body, as: UTF8.self) } }

    private static func part(head: ArraySlice<UInt8>, body: ArraySlice<UInt8>) -> Part {
        var part = Part(body: body)
        for line in String(decoding: head, as: UTF8.self).split(separator: "\r\n") {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard sides.count == 2 else { continue }
            let value = String(sides[1].drop { $0 == " " })
            switch sides[0].lowercased() {
            case "content-disposition":
                part.name = parameter("name", of: value) ?? ""
                part.fileName = parameter("filename", of: value)
            case "content-type": part.contentType = value
            default: break
            }
        }
        return part
    }

    /// One parameter of a header value, quoted or bare.
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = Substring(value)
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            var found = ""
            if rest.first == "\"" {
                rest.removeFirst()
                while let character = rest.popFirst(), character != "\"" {
                    if character == "\\", let escaped = rest.popFirst() {
                        found.append(escaped)
                    } else {
                        found.append(character)
                    }
                }
            } else {
                found = String(rest.prefix { $0 != ";" && $0 != " " })
                rest = rest.dropFirst(found.count)
            }
            if key == name { return found }
        }
        return nil
    }

    /// Index of the first occurrence, scanning for the first byte before comparing the others.
    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            guard buffer.count >= needle.count else { return nil }
            var position = 0
            while position <= buffer.count - needle.count {
                if buffer[position] == needle[0] {
                    var length = 1
                    while length < needle.count, buffer[position + length] == needle[length] { length += 1 }
                    if length == needle.count { return bytes.startIndex + position }
                }
                position += 1
            }
            return nil
        }
    }
}
