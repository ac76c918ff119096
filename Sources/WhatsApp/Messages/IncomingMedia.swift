/// A picture, a voice note, a file: where it can be fetched, and what its sender says of it.
package struct MediaReference: Sendable, Hashable {
    package let kind: MediaKind
    /// Good for seven days with the Graph API; media of old messages come without.
    package let id: String?
    /// Good for about five minutes, with the account's token.
    package let url: String?
    /// Claimed, not checked; may carry parameters (`audio/ogg; codecs=opus`).
    package let mimeType: String?
    /// As received: Base64, in history sometimes hex.
    package let sha256: String?
    package let caption: String?
    /// From the sender, untouched: it may hold path separators and control characters.
    package let fileName: String?
    package let voice: Bool
    package let animated: Bool

    package init(
        kind: MediaKind, id: String?, url: String? = nil, mimeType: String? = nil, sha256: String? = nil,
        caption: String? = nil, fileName: String? = nil, voice: Bool = false, animated: Bool = false
    ) {
        self.kind = kind
        self.id = id
        self.url = url
        self.mimeType = mimeType
        self.sha256 = sha256
        self.caption = caption
        self.fileName = fileName
        self.voice = voice
        self.animated = animated
    }
}

extension MessageContent {
    static func media(_ type: String, in message: LooseObject) -> MessageContent {
        guard let kind = MediaKind(rawValue: type), let media = message.object(type) else {
            return .incomplete(type, in: message)
        }
        return .media(
            MediaReference(
                kind: kind, id: media.text("id"), url: media.text("url"), mimeType: media.text("mime_type"),
                sha256: media.text("sha256"), caption: media.text("caption"), fileName: media.text("filename"),
                voice: media.flag("voice") ?? false, animated: media.flag("animated") ?? false))
    }
}
