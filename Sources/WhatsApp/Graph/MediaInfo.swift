import JSON

/// Where a medium can be fetched, and what it should be. The address is good for five minutes and wants the token.
package struct MediaInfo: Sendable, Hashable {
    package let url: String
    package let mimeType: String?
    /// 64 hexadecimal digits in lower case; webhooks have the same hash in Base64.
    package let sha256: String?
    /// Bytes.
    package let fileSize: Int64?

    package init(url: String, mimeType: String? = nil, sha256: String? = nil, fileSize: Int64? = nil) {
        self.url = url
        self.mimeType = mimeType
        self.sha256 = sha256
        self.fileSize = fileSize
    }

    /// - Returns: nil for a reply without an address.
    init?(_ reply: JSON) {
        guard let url = reply["url"]?.string, !url.isEmpty else { return nil }
        let size = reply["file_size"]
        self.init(
            url: url, mimeType: reply["mime_type"]?.string, sha256: reply["sha256"]?.string?.lowercased(),
            fileSize: size?.int ?? size?.string.flatMap { Int64($0) })
    }
}
