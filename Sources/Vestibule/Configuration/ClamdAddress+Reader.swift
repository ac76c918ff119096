import Gateway

extension ClamdAddress {
    /// - Returns: nil when `CLAMD_ADDRESS` is not set, or wrong, which is then reported.
    init?(_ reader: inout SettingsReader) {
        let text = reader.text(
            .clamdAddress, expected: "host:port, or the path of a unix socket that begins with \"/\""
        ) { Self.read($0) != nil }
        guard let address = text.flatMap(Self.read) else { return nil }
        self = address
    }

    private static func read(_ text: String) -> ClamdAddress? {
        if text.hasPrefix("/") {
            // The system's own limit, less the byte that ends it.
            return text.utf8.count <= 107 ? .unix(path: text) : nil
        }
        return HostAndPort(text).flatMap { address in address.port.map { .tcp(host: address.host, port: $0) } }
    }
}
