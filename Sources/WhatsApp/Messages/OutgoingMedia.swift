import JSON

/// A file with what is said about it. The file itself is uploaded apart and named by Meta's id in the send.
package struct OutgoingMedia: Sendable, Hashable {
    package static let captionLimit = 1024
    package static let fileNameLimit = 255

    package let kind: MediaKind
    package let caption: String?
    /// What the user sees of a document; its extension decides the icon. Kept for every kind, sent with documents.
    package let fileName: String?
    /// Shown as a voice note: OGG with Opus, mono.
    package let voice: Bool

    /// - Parameter path: of the object that holds `caption`, `fileName` and `voice`; empty for the request's body.
    package init(
        kind: MediaKind, caption: String? = nil, fileName: String? = nil, voice: Bool = false, path: String = ""
    ) throws(FieldError) {
        let members: JSONObject = [
            "caption": caption.map(JSON.string) ?? .null, "fileName": fileName.map(JSON.string) ?? .null,
            "voice": .bool(voice),
        ]
        try self.init(stored: .object(members), kind: kind, path: path)
    }

    init(stored value: JSON, kind: MediaKind, path: String) throws(FieldError) {
        let reader = try FieldReader(value, path: path, allowed: ["caption", "fileName", "voice"])
        self.kind = kind
        caption = try reader.text("caption", upTo: Self.captionLimit)
        fileName = try reader.text("fileName", upTo: Self.fileNameLimit)
        voice = try reader.bool("voice") ?? false
        if caption != nil, kind == .audio || kind == .sticker {
            throw reader.error("caption", "isn't possible with mediaType \(kind.rawValue)")
        }
        if voice, kind != .audio { throw reader.error("voice", "is only possible with mediaType audio") }
        if let fileName, fileName.unicodeScalars.contains(where: Self.isUnfitForFileName) {
            throw reader.error("fileName", "must be a bare file name, without slashes and control characters")
        }
    }

    private static func isUnfitForFileName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "/" || scalar == "\\" || scalar.properties.generalCategory == .control
    }

    func graphObject(id: String?) -> JSON {
        var object: JSONObject = [:]
        if let id { object["id"] = .string(id) }
        if let caption { object["caption"] = .string(caption) }
        if kind == .document, let fileName { object["filename"] = .string(fileName) }
        if voice { object["voice"] = true }
        return .object(object)
    }

    var storedObject: JSON {
        var object: JSONObject = [:]
        if let caption { object["caption"] = .string(caption) }
        if let fileName { object["fileName"] = .string(fileName) }
        if voice { object["voice"] = true }
        return .object(object)
    }
}
