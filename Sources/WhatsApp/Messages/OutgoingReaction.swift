import JSON

extension OutgoingContent {
    /// - Parameter value: `{messageId, emoji}`, `message_id` in Meta's spelling; an empty `emoji` takes the reaction back.
    package static func reaction(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        let reader = try FieldReader(value, path: path, allowed: ["messageId", "message_id", "emoji"])
        let key = reader.has("message_id") ? "message_id" : "messageId"
        if key == "message_id" { try reader.refuse("messageId", "must not stand beside message_id") }
        let messageID = try reader.requiredString(key, 1...512)
        let emoji = try reader.requiredString("emoji", 0...64)
        guard emoji.isEmpty || (emoji.count == 1 && emoji.allSatisfy(\.isEmoji)) else {
            throw reader.error("emoji", "must be one emoji, or empty to take the reaction back")
        }
        return .reaction(messageID: messageID, emoji: emoji)
    }
}

extension Character {
    /// Digits, `#` and `©` are emoji only when a variation selector or a keycap follows.
    var isEmoji: Bool {
        if unicodeScalars.contains(where: \.properties.isEmojiPresentation) { return true }
        guard let first = unicodeScalars.first, first.properties.isEmoji else { return false }
        return first.value > 0xFF || unicodeScalars.contains { $0 == "\u{FE0F}" || $0 == "\u{20E3}" }
    }
}
