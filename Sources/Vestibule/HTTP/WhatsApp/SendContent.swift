import JSON
import WhatsApp

/// What a send says: exactly one of text, media, reaction, template, interactive, location and contacts.
struct SendContent: Sendable {
    let content: OutgoingContent

    private static let objects = ["reaction", "template", "interactive", "location", "contacts"]
    private static let mediaFields = ["mediaUrl", "caption", "fileName", "voice", "fit"]
    private static let mediaTypes = ["text", "image", "video", "audio", "voice", "document", "sticker"]

    /// - Parameter body: the object that `reader` reads.
    init(_ reader: FieldReader, _ body: JSON) throws(FieldError) {
        let given = Self.objects.filter(reader.has)
        if let family = given.first {
            try Self.refuse(
                ["text"] + Self.mediaFields + ["mediaType", "previewUrl"] + given.dropFirst(), reader, beside: family)
            content = try Self.object(family, body[family] ?? .null)
            return
        }
        let mediaType = try reader.choice("mediaType", of: Self.mediaTypes)
        if let mediaType, mediaType != "text" {
            content = .media(try Self.media(mediaType, reader))
        } else if reader.has("mediaUrl") {
            let types = Self.mediaTypes.dropFirst().joined(separator: ", ")
            throw reader.error("mediaType", "must say what mediaUrl is: \(types)")
        } else {
            try Self.refuse(Self.mediaFields, reader, beside: "text")
            content = try Self.text(reader)
        }
    }

    /// An http(s) address, a path of this server's own uploads, or the file itself in a data URL; the gateway decides
    /// whether it may be fetched.
    static func mediaURL(_ reader: FieldReader) throws(FieldError) -> String? {
        guard let url = try reader.string("mediaUrl", 1...ConnectionLimits.fileBody) else { return nil }
        if !isDataURL(url) { _ = try reader.string("mediaUrl", 1...2048) }
        let start = url.prefix(10).lowercased()
        let isKnown = ["https://", "http://", "/uploads/", "data:"].contains { start.hasPrefix($0) }
        guard isKnown, !url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) else {
            throw reader.error("mediaUrl", "must be an http, https or data URL, or a path under /uploads/")
        }
        return url
    }

    static func isDataURL(_ url: String) -> Bool { url.prefix(5).lowercased() == "data:" }

    /// Whether a picture that is too large is to be scaled down.
    static func fits(_ reader: FieldReader) throws(FieldError) -> Bool {
        guard let fits = try reader.bool("fit") else { return false }
        if fits, try reader.choice("mediaType", of: mediaTypes) != "image" {
            throw reader.error("fit", "is only possible with mediaType image")
        }
        return fits
    }

    private static func text(_ reader: FieldReader) throws(FieldError) -> OutgoingContent {
        guard let text = try reader.string("text", OutgoingContent.textLength) else {
            throw reader.error(
                "text", "or another content is required: mediaUrl, \(objects.joined(separator: ", "))")
        }
        return .text(body: text, previewURL: try reader.bool("previewUrl") ?? false)
    }

    /// A text beside a file is its caption, unless there is a caption, which then wins.
    private static func media(_ mediaType: String, _ reader: FieldReader) throws(FieldError) -> OutgoingMedia {
        guard reader.has("mediaUrl") else { throw reader.error("mediaUrl", "is required with mediaType \(mediaType)") }
        try refuse(["previewUrl"], reader, beside: "mediaUrl")
        let isVoice = mediaType == "voice"
        let kind = isVoice ? MediaKind.audio : MediaKind(rawValue: mediaType) ?? .document
        let text = try reader.string("text", 0...OutgoingMedia.captionLimit)
        if let text, !text.isEmpty, kind == .audio || kind == .sticker {
            throw reader.error(
                "text", "cannot stand beside mediaType \(mediaType), which has no caption; send it apart")
        }
        let caption = try reader.string("caption", 0...OutgoingMedia.captionLimit)
        return try OutgoingMedia(
            kind: kind, caption: caption ?? text,
            fileName: try reader.string("fileName", 0...OutgoingMedia.fileNameLimit),
            voice: try reader.bool("voice") ?? isVoice)
    }

    private static func object(_ family: String, _ value: JSON) throws(FieldError) -> OutgoingContent {
        switch family {
        case "reaction": try .reaction(from: value, path: family)
        case "template": try .template(from: value, path: family)
        case "interactive": try .interactive(from: value, path: family)
        case "location": try .location(from: value, path: family)
        default: try .contacts(from: value, path: family)
        }
    }

    private static func refuse(
        _ fields: some Sequence<String>, _ reader: FieldReader, beside other: String
    ) throws(FieldError) {
        for field in fields where reader.has(field) {
            throw reader.error(field, "cannot stand beside \(other); a send has one content")
        }
    }
}
