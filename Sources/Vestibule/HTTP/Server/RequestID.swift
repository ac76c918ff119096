/// The id a request is known by in the log: the caller's own when it is a sane one, or else a new one.
enum RequestID {
    private static let length = 1...128

    static func take(_ offered: String?) -> String {
        guard let offered, length.contains(offered.utf8.count), offered.utf8.allSatisfy(isAllowed) else {
            return make()
        }
        return offered
    }

    /// 128 random bits in hexadecimal.
    private static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next() as UInt64, generator.next()].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default:
            false
        }
    }
}
