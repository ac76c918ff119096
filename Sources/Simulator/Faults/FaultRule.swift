import JSON

/// Requests that match meet the action, `times` times after the first `after` matches have passed unharmed.
struct FaultRule: Sendable {
    struct Match: Sendable {
        /// Digits or a BSUID.
        var to: String?
        var method: String?
        /// Part of the path, such as `/messages`, `/media-host` or a media id.
        var path: String?
        var type: String?
        /// Part of the message's object as JSON text.
        var messageContains: String?

        func fits(_ subject: FaultSubject) -> Bool {
            if let to, subject.to != to { return false }
            if let method, subject.method != method { return false }
            if let path, !subject.path.contains(path) { return false }
            if let type, subject.type != type { return false }
            if let messageContains, subject.text?.contains(messageContains) != true { return false }
            return true
        }
    }

    let id: String
    let match: Match
    let action: FaultAction
    /// nil: for ever.
    var left: Int?
    var skip: Int
    var hits = 0
    /// As it was asked for, for listing.
    let source: JSON

    var json: JSON {
        .fields([
            "id": .string(id), "match": source["match"] ?? [:], "action": source["action"] ?? [:],
            "left": left.map { .int($0) } ?? -1, "skip": .int(skip), "hits": .int(hits),
        ])
    }
}
