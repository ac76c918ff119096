/// `Content-Disposition` with a file name that came from outside (RFC 6266): an ASCII form for old readers, and the
/// true name in UTF-8 beside it where the two differ.
enum ContentDisposition {
    static func value(inline: Bool, fileName: String?) -> String {
        let kind = inline ? "inline" : "attachment"
        guard let fileName, !fileName.isEmpty else { return kind }
        let plain = ascii(fileName)
        let header = "\(kind); filename=\"\(plain)\""
        return plain == fileName ? header : "\(header); filename*=UTF-8''\(encoded(fileName))"
    }

    /// Without quotes, backslashes, percents (which some readers decode) and what is no visible ASCII.
    private static func ascii(_ name: String) -> String {
        String(
            name.unicodeScalars.map { scalar in
                let isPlain = (0x20...0x7E).contains(scalar.value) && !"\"\\%".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "_"
            })
    }

    private static func encoded(_ name: String) -> String {
        var encoded = ""
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return encoded
    }
}
