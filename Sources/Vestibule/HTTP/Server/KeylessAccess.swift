import Gateway
import HTTPTypes

/// Who may call a server that runs without keys: programs, but no web page that a browser on the same machine shows;
/// and, where the server listens on a loopback address, nobody whom a tunnel or a proxy lets in under a public name.
struct KeylessAccess: Sendable {
    let isLoopback: Bool

    func check(_ head: HTTPRequest) throws(RequestFailure) {
        let authority = (head.authority ?? "").lowercased()
        // Also what keeps a page from being served under a name of its own that it has resolve to this machine.
        if isLoopback, !authority.isEmpty, !(HostAndPort(authority).map { Loopback.contains($0.host) } ?? false) {
            throw Self.refusal("without API_KEYS this is answered under a loopback address only; set API_KEYS")
        }
        guard Self.isOwnPage(head.headerFields, authority) else {
            throw Self.refusal("without API_KEYS pages of other sites may not call this; set API_KEYS")
        }
    }

    /// Browsers say for which site's page they make a request; other programs send neither header.
    private static func isOwnPage(_ headers: HTTPFields, _ authority: String) -> Bool {
        if let site = headers[.secFetchSite], site != "same-origin", site != "none" { return false }
        guard let origin = headers[.origin]?.lowercased() else { return true }
        return origin == "http://\(authority)" || origin == "https://\(authority)"
    }

    private static func refusal(_ message: String) -> RequestFailure {
        RequestFailure(GatewayError(.forbidden, message))
    }
}
