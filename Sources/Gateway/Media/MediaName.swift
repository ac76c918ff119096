/// The names files are stored and asked for under.
enum MediaName {
    private static let folder = "/uploads/whatsapp/"

    /// 128 random bits in hexadecimal.
    static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return [generator.next() as UInt64, generator.next()].map {
            let text = String($0, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    /// Where messages point to.
    static func path(of name: String) -> String { folder + name }

    static func inPath(_ path: String) -> String? {
        guard path.hasPrefix(folder) else { return nil }
        let name = String(path.dropFirst(folder.count))
        return isValid(name) ? name : nil
    }

    /// Lower-case letters, digits and dots, no dot in front: nothing that could be a path.
    static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100 && !name.hasPrefix(".")
            && name.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (97...122).contains(byte) || byte == UInt8(ascii: ".")
            }
    }
}
