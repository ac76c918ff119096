/// Where requests on behalf of someone else may go: to public addresses, and to what the operator allows by name.
///
/// The resolved address is judged at the moment of connecting, so a name that resolves to something else the second
/// time gains nothing; each redirect is judged anew.
package struct AddressGuard: Sendable, Hashable {
    /// Hosts let through whatever their address and port.
    private let allowed: [AllowedHost]
    /// Ports that other hosts may be asked on; `nil`: all.
    private let ports: Set<Int>?
    let schemes: Set<String>

    /// - Parameter allow: `host`, `host:port`, `address`, `[v6 address]:port`. Without a port every port is let
    ///   through. An address also admits the names that resolve to it. What can't be read admits nothing: see
    ///   ``isReadable(_:)``.
    package init(allow: [String] = [], ports: Set<Int>? = nil, schemes: Set<String> = ["https", "http"]) {
        allowed = allow.compactMap { AllowedHost($0) }
        self.ports = ports
        self.schemes = schemes
    }

    /// Whether an entry of `allow` has the form of one.
    package static func isReadable(_ entry: String) -> Bool { AllowedHost(entry) != nil }

    /// Whether a request there would be tried, as far as it can be judged before the name is resolved.
    package func permits(url: String) -> Bool {
        guard let url = try? FetchURL(url) else { return false }  // one that can't be read goes nowhere
        return permits(url)
    }

    /// What can be judged before the name is resolved.
    func permits(_ url: FetchURL) -> Bool {
        guard schemes.contains(url.scheme) else { return false }
        if allowed.contains(where: { $0.admits(host: url.host, port: url.port) }) { return true }
        if let address = IPAddress(url.host) { return permits(host: url.host, address: address, port: url.port) }
        // An allowed address on a port outside `ports` is judged once it is known.
        return permits(port: url.port) || allowed.contains { $0.address != nil }
    }

    /// The whole judgement, for the URL's host and the address it resolved to.
    func permits(host: String, address: IPAddress, port: Int) -> Bool {
        if allowed.contains(where: { $0.admits(host: host, port: port) || $0.admits(address: address, port: port) }) {
            return true
        }
        return permits(port: port) && address.isPublic
    }

    /// Whether the 4 or 16 bytes are an address of the public internet.
    package static func isPublic(_ bytes: some Collection<UInt8>) -> Bool {
        IPAddress(bytes: Array(bytes))?.isPublic ?? false
    }

    private func permits(port: Int) -> Bool { ports?.contains(port) ?? true }
}

/// One entry of the operator's list.
private struct AllowedHost: Sendable, Hashable {
    private let host: String
    private let port: Int?
    let address: IPAddress?

    init?(_ text: String) {
        var host = text.lowercased()
        var port: Int?
        if IPAddress(host) == nil, let colon = host.lastIndex(of: ":"), !host.hasSuffix("]") {
            guard let number = Int(host[host.index(after: colon)...]), (1...65535).contains(number) else { return nil }
            port = number
            host = String(host[..<colon])
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = String(host.dropFirst().dropLast())
            guard host.contains(":"), IPAddress(host) != nil else { return nil }
        }
        address = IPAddress(host)
        guard !host.isEmpty, address != nil || !host.contains(where: { ":/@[]?#%* ".contains($0) }) else { return nil }
        self.host = host
        self.port = port
    }

    func admits(host: String, port: Int) -> Bool {
        self.host == host && (self.port == nil || self.port == port)
    }

    func admits(address: IPAddress, port: Int) -> Bool {
        self.address == address && (self.port == nil || self.port == port)
    }
}
