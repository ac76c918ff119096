/// The five kinds of media that WhatsApp carries; the raw value is Meta's `type`.
package enum MediaKind: String, Sendable, Hashable, CaseIterable {
    case image, video, audio, document, sticker
}
