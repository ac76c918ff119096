import Foundation

/// A file within its address: `data:image/png;base64,…`, RFC 2397. The type that it names is the sender's word; what
/// counts is found in the bytes.
enum DataURL {
    struct Malformed: Error {
        let problem: String
    }

    private static let scheme = "data:"

    static func isOne(_ url: String) -> Bool { url.prefix(scheme.count).lowercased() == scheme }

    /// The bytes that the address holds, written in Base64 or as percent-encoded text.
    static func bytes(of url: String) throws(Malformed) -> [UInt8] {
        let address = Array(url.utf8.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "#") })
        guard let comma = address.firstIndex(of: UInt8(ascii: ",")) else {
            throw Malformed(problem: "a comma must stand before the data")
        }
        let parameters = String(decoding: address[..<comma], as: UTF8.self).lowercased()
        let data = try unescaped(address[(comma + 1)...])
        guard parameters.split(separator: ";", omittingEmptySubsequences: false).dropFirst().last == "base64" else {
            return data
        }
        let digits = data.count - data.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let padding = Array(repeating: UInt8(ascii: "="), count: (4 - digits % 4) % 4)
        guard data.count - digits <= 2, let bytes = Data(base64Encoded: Data(data[..<digits] + padding)) else {
            throw Malformed(problem: "the data is no Base64")
        }
        return Array(bytes)
    }

    private static func unescaped(_ text: ArraySlice<UInt8>) throws(Malformed) -> [UInt8] {
        guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(value(ofDigit:)),
                let low = rest.popFirst().flatMap(value(ofDigit:))
            else {
                throw Malformed(problem: "each % must be followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        Character(UnicodeScalar(digit)).hexDigitValue.map(UInt8.init)
    }
}
