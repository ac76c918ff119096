extension JSON {
    /// Compact UTF-8. Control characters and U+2028/U+2029 are escaped, so the text is one line wherever it is put;
    /// a number that JSON can't express (infinite, not a number) is null.
    package func encoded() -> [UInt8] {
        var printer = JSONPrinter()
        printer.print(self)
        return printer.bytes
    }

    /// `encoded()` as a string.
    package var text: String { String(decoding: encoded(), as: UTF8.self) }
}

private struct JSONPrinter {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(512) }

    mutating func print(_ value: JSON) {
        switch value {
        case .null: append("null")
        case .bool(let value): append(value ? "true" : "false")
        case .integer(let value): bytes.append(contentsOf: value.description.utf8)
        case .number(let value) where value.isFinite: bytes.append(contentsOf: value.description.utf8)
        case .number: append("null")
        case .string(let value): print(value)
        case .array(let items):
            bytes.append(UInt8(ascii: "["))
            var first = true
            for item in items {
                if !first { bytes.append(UInt8(ascii: ",")) }
                first = false
                print(item)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            var first = true
            for (key, value) in object {
                if !first { bytes.append(UInt8(ascii: ",")) }
                first = false
                print(key)
                bytes.append(UInt8(ascii: ":"))
                print(value)
            }
            bytes.append(UInt8(ascii: "}"))
        }
    }

    private mutating func append(_ word: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    }

    private mutating func print(_ string: String) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { printEscaped($0) }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Copies runs that need no escape as they are.
    private mutating func printEscaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        var run = 0
        var place = 0
        while place < utf8.count {
            let byte = utf8[place]
            var length = 1
            if byte == 0xE2, isLineSeparator(utf8, place) {
                length = 3
            } else if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                place += 1
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[run..<place]))
            if length == 3 {
                append(utf8[place + 2] == 0xA8 ? "\\u2028" : "\\u2029")
            } else {
                escape(byte)
            }
            place += length
            run = place
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[run...]))
    }

    private func isLineSeparator(_ utf8: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
        place + 2 < utf8.count && utf8[place + 1] == 0x80 && (utf8[place + 2] == 0xA8 || utf8[place + 2] == 0xA9)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case 0x08: append("\\b")
        case 0x0C: append("\\f")
        case 0x0A: append("\\n")
        case 0x0D: append("\\r")
        case 0x09: append("\\t")
        default:
            append("\\u00")
            for digit in [byte >> 4, byte & 0x0F] {
                bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }
}
