import Foundation

/// Where a LiveKit server is. Its API and its signalling share host and port: what is given as `ws://` or `wss://` is
/// called under `http://` or `https://`, and the other way round for those who join.
package struct ServerURL: Sendable, Hashable {
    /// With `http` or `https`, without a slash at its end.
    package let api: String
    /// The same with `ws` or `wss`.
    package let signalling: String

    /// Nil when it is no absolute URL of one of the four schemes, or holds a user, a query or a fragment.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(),
            let isSecure = ["https": true, "wss": true, "http": false, "ws": false][scheme],
            let host = parts.encodedHost, !host.isEmpty,
            parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        var path = parts.percentEncodedPath
        while path.hasSuffix("/") { path.removeLast() }
        let rest = "://\(host)\(parts.port.map { ":\($0)" } ?? "")\(path)"
        api = (isSecure ? "https" : "http") + rest
        signalling = (isSecure ? "wss" : "ws") + rest
    }
}
