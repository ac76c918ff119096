/// The parts of an `http` or `https` address that settings are checked for.
struct WebAddress: Sendable, Hashable {
    let scheme: String
    /// In lower case, an IPv6 address without its brackets.
    let host: String
    let port: Int?
    /// Begins with "/" when it isn't empty.
    let path: String

    /// - Returns: nil when `text` is no http(s) address, or holds a user, a query or a fragment.
    init?(_ text: String) {
        guard let separator = text.range(ofFirst: "://") else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard scheme == "http" || scheme == "https" else { return nil }
        let rest = text[separator.upperBound...]
        guard rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !rest.contains(where: { "?#@\\\"<>".contains($0) })
        else { return nil }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let hostAndPort = HostAndPort(String(rest[..<authorityEnd])) else { return nil }
        host = hostAndPort.host
        port = hostAndPort.port
        path = String(rest[authorityEnd...])
    }

    /// Without a path, or with "/" alone.
    var isOrigin: Bool { path.isEmpty || path == "/" }
}

/// `example.org`, `example.org:8080`, `127.0.0.1:9000`, `[::1]:9000`.
struct HostAndPort: Sendable, Hashable {
    let host: String
    let port: Int?

    init?(_ text: String) {
        let name: Substring
        let afterName: Substring
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            name = text[text.index(after: text.startIndex)..<bracket]
            afterName = text[text.index(after: bracket)...]
            guard name.contains(":"), name.allSatisfy({ $0.isHexDigit || $0 == ":" || $0 == "." }) else { return nil }
        } else {
            let colon = text.firstIndex(of: ":") ?? text.endIndex
            name = text[..<colon]
            afterName = text[colon...]
            guard name.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        guard !name.isEmpty, name.utf8.count <= 253 else { return nil }
        host = name.lowercased()
        if afterName.isEmpty {
            port = nil
        } else {
            guard afterName.hasPrefix(":"), let number = Int(afterName.dropFirst()), (1...65_535).contains(number)
            else { return nil }
            port = number
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}

extension String {
    fileprivate func range(ofFirst needle: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
