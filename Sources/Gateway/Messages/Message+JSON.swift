import JSON

extension Message {
    /// The message as the API shows it and as MongoDB keeps it (there with dates): nil fields are absent.
    package func json() -> JSON {
        var object = JSONObject()
        func put(_ key: String, _ value: String?) { if let value { object[key] = .string(value) } }
        func put(_ key: String, _ value: Int64?) { if let value { object[key] = .integer(value) } }
        func put(_ key: String, _ value: JSON?) { if let value { object[key] = value } }
        put("messageId", messageID.rawValue)
        put("whatsappMessageId", whatsappMessageID)
        put("account", account.rawValue)
        put("phoneNumber", phoneNumber)
        put("roomName", roomName.rawValue)
        put("sequence", sequence)
        put("type", type)
        put("text", text)
        put("mediaUrl", media.url)
        put("mediaType", media.kind)
        put("mediaStatus", media.status?.rawValue)
        put("mediaReason", media.reason)
        put("fileName", media.fileName)
        put("fileSize", media.fileSize)
        put("mimeType", media.mimeType)
        put("caption", caption)
        put("direction", direction.rawValue)
        put("status", status.rawValue)
        put("replyTo", replyTo)
        if !reactions.isEmpty { put("reactions", .array(reactions.map { $0.json() })) }
        put("location", location)
        put("contacts", contacts)
        put("interactive", interactive)
        for (key, value) in extras where object[key] == nil { object[key] = value }
        put("metadata", metadata)
        put("sender", sender)
        if isPrivate { object["private"] = .bool(true) }
        put("timestamp", timestamp)
        put("sentAt", sentAt)
        put("deliveredAt", deliveredAt)
        put("readAt", readAt)
        put("playedAt", playedAt)
        put("failedReason", failedReason)
        if !participants.isEmpty { put("participants", .array(participants.map { $0.json() })) }
        put("editedAt", editedAt)
        put("deletedAt", deletedAt)
        put("expiresAt", expiresAt.iso8601)
        return .object(object)
    }
}

extension Message.Reaction {
    func json() -> JSON {
        ["from": .string(from), "emoji": .string(emoji), "timestamp": .integer(timestamp)]
    }

    init?(stored: JSON) {
        guard let from = stored["from"]?.string, let emoji = stored["emoji"]?.string,
            let timestamp = stored["timestamp"]?.int
        else { return nil }
        self.init(from: from, emoji: emoji, timestamp: timestamp)
    }
}
