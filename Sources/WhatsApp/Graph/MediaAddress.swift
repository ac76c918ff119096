/// Which addresses the access token may be sent to when a medium is fetched: Meta's media hosts over https, and the
/// Graph origin itself where that is a stand-in for Meta.
struct MediaAddress {
    private static let suffixes = [".fbsbx.com", ".fbcdn.net", ".whatsapp.net"]
    private static let metaOrigin = "https://graph.facebook.com"

    let url: String

    /// Reads the address so narrowly that no other parser can see another host in it: no user, no escapes, no
    /// backslashes, nothing but letters, digits, dots, dashes and a port before the path.
    init?(_ url: String, graphOrigin: String) {
        guard !url.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "\\") }) else { return nil }
        guard let (origin, host) = Self.origin(of: url) else { return nil }
        let isMeta = origin == "https://\(host)" && Self.suffixes.contains { host.hasSuffix($0) }
        let standIn = Self.origin(of: graphOrigin)?.origin
        guard isMeta || (origin == standIn && standIn != Self.metaOrigin) else { return nil }
        self.url = url
    }

    /// Where a redirect from here leads, by its `Location`: an absolute address, or a path on this host.
    func redirected(to location: String, graphOrigin: String) -> MediaAddress? {
        guard location.hasPrefix("/"), !location.hasPrefix("//") else {
            return MediaAddress(location, graphOrigin: graphOrigin)
        }
        guard let origin = Self.origin(of: url)?.origin else { return nil }
        return MediaAddress(origin + location, graphOrigin: graphOrigin)
    }

    /// In lower case; the scheme's own port is left out.
    private static func origin(of url: String) -> (origin: String, host: String)? {
        guard let separator = url.firstRange(of: "://") else { return nil }
        let scheme = url[..<separator.lowerBound].lowercased()
        guard scheme == "https" || scheme == "http" else { return nil }
        let authority = url[separator.upperBound...].prefix { !"/?#".contains($0) }.lowercased()
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let host = parts.first, isHost(host), parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return ("\(scheme)://\(host)", host) }
        guard let port = UInt16(parts[1]), String(port) == parts[1] else { return nil }
        let isUsual = port == (scheme == "https" ? 443 : 80)
        return (isUsual ? "\(scheme)://\(host)" : "\(scheme)://\(host):\(port)", host)
    }

    private static func isHost(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy {
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
            }
    }
}
