import CCurl

/// The parts of a URL that decide where a request goes, as libcurl itself reads them: a second parser that sees another
/// host than the one connected to would be a hole in the guard.
struct FetchURL: Hashable {
    let scheme: String
    /// In lower case; IPv6 without brackets, IPv4 always as four decimal numbers.
    let host: String
    let port: Int

    init(_ text: String) throws(FetchError) {
        guard !text.utf8.contains(0) else { throw .invalidURL("holds a NUL character") }
        guard let handle = curl_url() else { throw .other("out of memory") }
        defer { curl_url_cleanup(handle) }
        let code = curl_url_set(handle, CURLUPART_URL, text, 0)
        guard code == CURLUE_OK else { throw .invalidURL(String(cString: curl_url_strerror(code))) }
        let part = { (part: CURLUPart) -> String? in
            var found: UnsafeMutablePointer<CChar>?
            guard curl_url_get(handle, part, &found, UInt32(CURLU_DEFAULT_PORT)) == CURLUE_OK, let found else {
                return nil
            }
            defer { curl_free(found) }
            return String(cString: found)
        }
        scheme = part(CURLUPART_SCHEME)?.lowercased() ?? ""
        guard scheme == "https" || scheme == "http" else { throw .invalidURL("must begin with https:// or http://") }
        var host = part(CURLUPART_HOST)?.lowercased() ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw .invalidURL("has no host") }
        self.host = host
        guard let port = part(CURLUPART_PORT).flatMap({ Int($0) }) else { throw .invalidURL("has no readable port") }
        self.port = port
    }
}
