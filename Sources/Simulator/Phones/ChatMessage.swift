import JSON

/// How far a message of the business has come, in the words of Meta's statuses.
enum Progress: String, Sendable, CaseIterable {
    /// Taken by the Graph API; nothing has been reported yet.
    case accepted
    case sent, delivered, read, played, failed

    /// Position on the way; `failed` stands beside it.
    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// One message of a chat, in either direction.
struct ChatMessage: Sendable {
    /// Position in the whole log, from 1.
    let sequence: Int
    let id: String
    let fromBusiness: Bool
    /// Key of the phone in the phone book.
    let phone: String
    let type: String
    /// What a person would read, for lists and for matching.
    let text: String?
    /// The object of its type, as JSON text: a parsed tree would take many times the memory.
    let content: String
    let replyTo: String?
    let callbackData: String?
    /// Price category of a message of the business.
    let category: String
    let at: Int64
    /// Sent to the BSUID, so statuses carry no number.
    let toUserID: Bool
    var progress: Progress
    /// When each step was reported, in order.
    var steps: [(progress: Progress, at: Int64)] = []
    /// The error that the message is going to fail with, or has failed with.
    var failure: GraphError?

    var json: JSON {
        .fields([
            "sequence": .int(sequence),
            "messageId": .string(id),
            "from": fromBusiness ? "business" : "customer",
            "phone": .string(phone),
            "type": .string(type),
            "text": .text(text),
            // What was stored came from a JSON tree, so it parses; the text itself is the fallback.
            "content": (try? JSON(parsing: content.utf8)) ?? .string(content),
            "replyTo": .text(replyTo),
            "callbackData": .text(callbackData),
            "timestamp": .integer(at),
            "status": .string(progress.rawValue),
            "statusTimes": steps.isEmpty
                ? nil : .object(JSONObject(steps.map { ($0.progress.rawValue, JSON.integer($0.at)) })),
            "error": progress == .failed ? failure?.statusJSON : nil,
        ])
    }
}
