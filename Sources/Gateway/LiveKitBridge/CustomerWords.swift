import JSON

/// What a customer's message is as text in a room.
struct CustomerWords: Sendable, Hashable {
    let text: String
    let messageID: String
    /// In the room's order.
    let sequence: Int64
    /// For programs: which message it is, and where its file lies.
    let facts: JSONObject
    /// The message had to wait for its file.
    let isLate: Bool

    private static let facts = ["messageId", "sequence", "timestamp", "type", "mediaType", "mimeType", "fileName"]
    /// Attributes go with the first packet of a text, which must not grow too large.
    private static let mostAttributes = 6000

    /// - Parameters:
    ///   - event: of a message.
    ///   - base: what stands before the path of a file; nil when nobody said.
    /// - Returns: nil for an event by which the customer says nothing. A message with a file is said when the file is
    ///   there, or will not come.
    init?(_ event: Event, base: String?) {
        guard let message = event.json["data"], message["direction"]?.string == "incoming",
            let id = message["messageId"]?.string
        else { return nil }
        let isFile = message["mediaStatus"]?.string != nil
        switch Event.Kind(rawValue: event.type) {
        case .messageReceived? where !isFile: isLate = false
        case .mediaReady?, .mediaRejected?: isLate = true
        default: return nil
        }
        messageID = id
        sequence = message["sequence"]?.int ?? 0
        var facts: JSONObject = [:]
        for name in Self.facts { facts[name] = message[name] }
        let link = message["mediaUrl"]?.string.map { ($0.hasPrefix("/") ? base ?? "" : "") + $0 }
        facts["mediaUrl"] = link.map(JSON.string)
        self.facts = facts
        let words = message["text"]?.string ?? message["caption"]?.string
        let file = isFile ? link ?? "[\(message["mediaType"]?.string ?? "file") not available]" : nil
        let parts = [words, file].compactMap(\.self).filter { !$0.isEmpty }
        text = parts.isEmpty ? Self.outline(message) : parts.joined(separator: "\n")
    }

    private static func outline(_ message: JSON) -> String {
        if let location = message["location"] {
            let place = ["name", "address"].compactMap { location[$0]?.string }.joined(separator: ", ")
            let point = "\(location["latitude"]?.double ?? 0), \(location["longitude"]?.double ?? 0)"
            return place.isEmpty ? "[location: \(point)]" : "[location: \(place) (\(point))]"
        }
        if let cards = message["contacts"]?.array, !cards.isEmpty {
            let names = cards.compactMap { $0["name"]?["formatted_name"]?.string }
            return "[contacts: \(names.joined(separator: ", "))]"
        }
        return "[\(message["type"]?.string ?? "message")]"
    }

    /// The attributes of the text in which these are said: `vestibule.messages`, and, of a single message, each fact by
    /// its name.
    static func attributes(_ words: [CustomerWords]) -> [String: String] {
        var attributes: [String: String] = [:]
        if words.count == 1, let facts = words.first?.facts {
            for (name, value) in facts {
                attributes["vestibule.\(name)"] = value.string ?? value.int.map { "\($0)" }
            }
        }
        let list = JSON.array(words.map { .object($0.facts) }).encoded()
        let ids = JSON.array(words.map { ["messageId": .string($0.messageID)] }).encoded()
        attributes["vestibule.messages"] = String(
            decoding: list.count <= mostAttributes ? list : ids, as: UTF8.self)
        return attributes
    }
}
