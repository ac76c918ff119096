import Foundation

/// Message ids in the outer form of Meta's: Base64 over a small record with the number and a random part.
enum Wamid {
    /// - Parameter address: digits of the number, or a BSUID; at most 127 bytes of it are used.
    static func outgoing(to address: String) -> String {
        make(address, direction: 0x11, token: random(bytes: 9))
    }

    static func incoming(from address: String) -> String {
        make(address, direction: 0x12, token: "3A" + random(bytes: 9))
    }

    private static func make(_ address: String, direction: UInt8, token: String) -> String {
        let name = Array(address.utf8.prefix(127))
        var bytes: [UInt8] = [0x1c, 0x18, UInt8(name.count)]
        bytes += name
        bytes += [0x15, 0x02, 0x00, direction, 0x18, UInt8(token.utf8.count)]
        bytes += token.utf8
        bytes.append(0)
        return "wamid." + Data(bytes).base64EncodedString()
    }

    static func random(bytes count: Int) -> String {
        var text = ""
        for _ in 0..<count {
            let byte = UInt8.random(in: 0...255)
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return text
    }
}
