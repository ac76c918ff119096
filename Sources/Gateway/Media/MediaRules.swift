import WhatsApp

/// Which types of file pass as which kind, and up to what size. Types are those found in the bytes. Without settings
/// they are WhatsApp's own; what goes out never passes more than WhatsApp takes.
package struct MediaRules: Sendable, Hashable {
    /// Whether plain text and CSV pass as documents.
    package var allowsText = false
    /// Further types that pass, as libmagic names them: pictures, sound and video as what they are, all others as
    /// documents.
    package var allowed: Set<String> = []
    /// Kinds and types that don't pass.
    package var refusedKinds: Set<MediaKind> = []
    package var refusedTypes: Set<String> = []
    /// The most bytes of a file of these kinds, instead of WhatsApp's.
    package var limits: [MediaKind: Int64] = [:]

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

    /// The most bytes that WhatsApp carries of this kind.
    package static func limit(of kind: MediaKind) -> Int64 {
        switch kind {
        case .image: 5 * megabyte
        case .video, .audio: 16 * megabyte
        case .document: 100 * megabyte
        case .sticker: 500 * 1024
        }
    }

    /// The most bytes of a file of this kind.
    package func limit(of kind: MediaKind, isSending: Bool = false) -> Int64 {
        let limit = limits[kind] ?? Self.limit(of: kind)
        return isSending ? min(limit, Self.limit(of: kind)) : limit
    }

    static func tooLarge(_ kind: MediaKind, _ limit: Int64) -> String {
        "the file is larger than the \(limit) bytes allowed for \(kind.rawValue)"
    }

    /// - Throws: when nothing of this kind passes, so that it need not even be fetched.
    func checkKind(_ kind: MediaKind) throws(Refusal) {
        guard passing(kind, isSending: false).isEmpty else { return }
        throw Refusal(reason: "files of kind \(kind.rawValue) are not taken here", found: kind.rawValue, allowed: [])
    }

    /// - Parameters:
    ///   - found: the type of the bytes.
    ///   - isSending: whether the file goes out to WhatsApp.
    /// - Returns: the type and extension to store the file under.
    /// - Throws: `Refusal` that says what was found and what is allowed.
    func check(_ found: String, as kind: MediaKind, isSending: Bool) throws(Refusal) -> (type: String, suffix: String) {
        let type = Self.canonical(found, as: kind)
        let passing = passing(kind, isSending: isSending)
        if let suffix = passing[type] { return (type, suffix) }
        throw Refusal(
            reason: "the file is \(type), which is not allowed as \(kind.rawValue)", found: type,
            allowed: allowed(as: kind, isSending: isSending))
    }

    /// The types that pass as this kind.
    func allowed(as kind: MediaKind, isSending: Bool) -> [String] { passing(kind, isSending: isSending).keys.sorted() }

    private func passing(_ kind: MediaKind, isSending: Bool) -> [String: String] {
        guard !refusedKinds.contains(kind) else { return [:] }
        var passing = Self.types[kind] ?? [:]
        if kind == .document, allowsText { passing.merge(Self.text) { first, _ in first } }
        for type in allowed where Self.kind(of: type) == kind && (kind == .document || !isSending) {
            passing[type] = passing[type] ?? MediaSuffix.of(type)
        }
        for type in refusedTypes { passing[type] = nil }
        if isSending { for type in Self.refusedBySending[kind] ?? [] { passing[type] = nil } }
        return passing
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

extension MediaRules {
    /// What a browser could run, were it ever shown to one: no setting lets it in.
    private static let runnable: Set<String> = [
        "text/html", "application/xhtml+xml", "image/svg+xml", "text/xml", "application/xml", "text/javascript",
        "application/javascript", "application/x-shockwave-flash",
    ]

    /// Whether a setting may let this type in; in lower case, without parameters.
    package static func canAllow(_ type: String) -> Bool {
        isType(type) && !runnable.contains(type)
    }

    /// Whether this has the form of a type.
    package static func isType(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z]+\/[a-z0-9][a-z0-9.+_-]{0,99}/) != nil
    }

    private static func kind(of type: String) -> MediaKind {
        switch type.prefix(while: { $0 != "/" }) {
        case "image": .image
        case "video": .video
        case "audio": .audio
        default: .document
        }
    }
}
