import JSON

/// JSON as Meta writes its webhooks: one line, non-ASCII as `\uXXXX`, and `/`, `<`, `@` escaped. Parsing and writing
/// such a body again changes its bytes, so it shows whether a receiver checks the signature over the raw body.
enum MetaEncoding {
    static func bytes(_ value: JSON) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(1024)
        write(value, to: &out)
        return out
    }

    private static func write(_ value: JSON, to out: inout [UInt8]) {
        switch value {
        case .null, .bool, .integer, .number: out += value.encoded()
        case .string(let text): write(text, to: &out)
        case .array(let items):
            out.append(UInt8(ascii: "["))
            for (index, item) in items.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                write(item, to: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .object(let object):
            out.append(UInt8(ascii: "{"))
            for (index, pair) in object.enumerated() {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                write(pair.key, to: &out)
                out.append(UInt8(ascii: ":"))
                write(pair.value, to: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ text: String, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        for unit in text.utf16 {
            switch unit {
            case 0x22: out += [0x5c, 0x22]
            case 0x5c: out += [0x5c, 0x5c]
            case 0x2f: out += [0x5c, 0x2f]
            case 0x0a: out += Array("\\n".utf8)
            case 0x0d: out += Array("\\r".utf8)
            case 0x09: out += Array("\\t".utf8)
            case 0x3c: out += Array("\\u003C".utf8)
            case 0x40: out += Array("\\u0040".utf8)
            case 0x20..<0x7f: out.append(UInt8(unit))
            default:
                out += [0x5c, 0x75]
                for shift in [12, 8, 4, 0] as [UInt16] {
                    let digit = UInt8((unit >> shift) & 15)
                    out.append(digit < 10 ? 48 + digit : 87 + digit)
                }
            }
        }
        out.append(UInt8(ascii: "\""))
    }
}
