import WhatsApp

/// Which types of file pass as which kind, and up to what size. Types are those found in the bytes.
package struct MediaRules: Sendable {
    /// Whether plain text and CSV pass as documents.
    package var allowsText = false

    package init(allowsText: Bool = false) { self.allowsText = allowsText }

    private static let megabyte: Int64 = 1_048_576

    private static let office = "application/vnd.openxmlformats-officedocument."
    /// Type to file extension.
    private static let types: [MediaKind: [String: String]] = [
        .image: ["image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"],
        .video: ["video/mp4": "mp4", "video/3gpp": "3gp"],
        .audio: [
            "audio/aac": "aac", "audio/mp4": "m4a", "audio/mpeg": "mp3", "audio/amr": "amr", "audio/ogg": "ogg",
        ],
        .document: [
            "application/pdf": "pdf", "application/msword": "doc", "application/vnd.ms-excel": "xls",
            "application/vnd.ms-powerpoint": "ppt", office + "wordprocessingml.document": "docx",
            office + "spreadsheetml.sheet": "xlsx", office + "presentationml.presentation": "pptx",
        ],
        .sticker: ["image/webp": "webp"],
    ]
    private static let text = ["text/plain": "txt", "text/csv": "csv"]
    /// What WhatsApp takes from a business in a narrower list than what customers send.
    private static let refusedBySending: [MediaKind: Set<String>] = [.image: ["image/gif", "image/webp"]]

    /// The most bytes of a file of this kind.
    package static func limit(of kind: MediaKind) -> Int64 {
        switch kind {
        case .image: 5 * megabyte
        case .video, .audio: 16 * megabyte
        case .document: 100 * megabyte
        case .sticker: 500 * 1024
        }
    }

    /// - Parameters:
    ///   - found: the type of the bytes.
    ///   - isSending: whether the file goes out to WhatsApp.
    /// - Returns: the type and extension to store the file under.
    /// - Throws: `Refusal` that says what was found and what is allowed.
    func check(_ found: String, as kind: MediaKind, isSending: Bool) throws(Refusal) -> (type: String, suffix: String) {
        let type = Self.canonical(found, as: kind)
        if let suffix = allowed(kind, isSending)[type] { return (type, suffix) }
        throw Refusal(
            reason: "the file is \(type), which is not allowed as \(kind.rawValue)", found: type,
            allowed: allowed(kind, isSending).keys.sorted())
    }

    private func allowed(_ kind: MediaKind, _ isSending: Bool) -> [String: String] {
        var allowed = Self.types[kind] ?? [:]
        if kind == .document, allowsText { allowed.merge(Self.text) { first, _ in first } }
        if isSending { for type in Self.refusedBySending[kind] ?? [] { allowed[type] = nil } }
        return allowed
    }

    /// libmagic's names for the types above; containers that hold sound or pictures are told by the declared kind.
    private static func canonical(_ found: String, as kind: MediaKind) -> String {
        switch (found, kind) {
        case ("audio/x-hx-aac-adts", _), ("audio/x-aac", _): "audio/aac"
        case ("audio/x-m4a", _), ("video/mp4", .audio), ("video/x-m4v", .audio): "audio/mp4"
        case ("video/x-m4v", _): "video/mp4"
        case ("audio/x-mp3", _), ("audio/mp3", _): "audio/mpeg"
        case ("application/ogg", .audio), ("video/ogg", .audio): "audio/ogg"
        default: found
        }
    }

    struct Refusal: Error {
        let reason: String
        let found: String
        let allowed: [String]
    }
}
