/// One file as it is served.
package struct StoredFile: Sendable {
    package let content: StoredContent
    package let size: Int64
    package let mimeType: String
    package let downloadName: String?
    /// Whether a browser may show it in place; everything else is a download.
    package let inline: Bool
    /// Strong: the content's hash, with quotes.
    package let etag: String
    package let createdAt: Milliseconds

    /// Types that a browser shows without running anything.
    private static let shown: Set<String> = [
        "image/jpeg", "image/png", "image/gif", "image/webp", "video/mp4", "video/3gpp", "audio/aac", "audio/mp4",
        "audio/mpeg", "audio/amr", "audio/ogg",
    ]

    init(_ row: MediaTable.Row, content: StoredContent) {
        self.content = content
        size = row.size
        mimeType = row.mimeType
        downloadName = row.originalName
        inline = Self.shown.contains(row.mimeType)
        etag = "\"\(row.sha256)\""
        createdAt = row.createdAt
    }
}
