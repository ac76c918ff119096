import JSON
import SQL
import WhatsApp

/// A reaction, an edit or a deletion: it changes a message and is none itself. Kept once under its own id, also when
/// its target is not known yet; what a message looks like follows from all that is kept, whatever order it came in.
struct MessageChange: Sendable {
    enum Kind: String { case reaction, edit, revoke }

    let account: AccountID
    let id: String
    let target: String
    let kind: Kind
    let author: String
    let payload: JSON
    let timestamp: Milliseconds
    let receivedAt: Milliseconds

    init?(_ message: IncomingMessage, origin: IngestPlan.Origin, account: AccountID, receivedAt: Milliseconds) {
        switch message.content {
        case .reaction(let target, let emoji):
            kind = .reaction
            self.target = target
            payload = ["emoji": emoji.map(JSON.string) ?? .null]
        case .edit(let target, _, let content):
            kind = .edit
            self.target = target
            payload = Self.edited(content)
        case .revoke(let target):
            kind = .revoke
            self.target = target
            payload = [:]
        default: return nil
        }
        self.account = account
        author =
            origin.isOutgoing
            ? MessageChange.business : message.from.map { "+\($0)" } ?? message.fromUserID ?? "unknown"
        timestamp = message.timestamp ?? receivedAt
        self.receivedAt = receivedAt
        id = message.id ?? MessageMapper.sourceKey(message) ?? ""
    }

    init(reactionTo target: String, emoji: String, id: String, account: AccountID, at time: Milliseconds) {
        self.account = account
        self.id = id
        self.target = target
        kind = .reaction
        author = MessageChange.business
        payload = ["emoji": emoji.isEmpty ? .null : .string(emoji)]
        timestamp = time
        receivedAt = time
    }

    static let business = "business"

    private static func edited(_ content: MessageContent) -> JSON {
        switch content {
        case .text(let body): ["text": .string(body)]
        case .media(let media): media.caption.map { ["caption": .string($0)] } ?? [:]
        default: [:]
        }
    }
}

extension MessageChange {
    init(_ row: SQLRow) throws {
        account = AccountID(rawValue: try row.text("account_id"))
        id = try row.text("change_id")
        target = try row.text("target_id")
        kind = Kind(rawValue: try row.text("kind")) ?? .reaction
        author = try row.text("author")
        payload = try row.json("payload") ?? [:]
        timestamp = try row.integer("timestamp")
        receivedAt = try row.integer("received_at")
    }

    /// Later changes win; within a second the order of arrival decides, then the id, so that every gateway agrees.
    static func isEarlier(_ a: MessageChange, _ b: MessageChange) -> Bool {
        (a.timestamp, a.receivedAt, a.id) < (b.timestamp, b.receivedAt, b.id)
    }
}

extension Message {
    /// Brings reactions, edits and deletion to what all known changes say.
    /// - Returns: whether anything changed.
    mutating func apply(_ changes: [MessageChange]) -> Bool {
        let before = self
        let ordered = changes.sorted(by: MessageChange.isEarlier)
        var latest: [String: Reaction] = [:]
        var authors: [String] = []
        for change in ordered {
            switch change.kind {
            case .reaction:
                if !authors.contains(change.author) { authors.append(change.author) }
                latest[change.author] = change.payload["emoji"]?.string.map {
                    Reaction(from: change.author, emoji: $0, timestamp: change.timestamp)
                }
            case .edit:
                if let text = change.payload["text"]?.string { self.text = text }
                if let caption = change.payload["caption"]?.string { self.caption = caption }
                editedAt = change.timestamp
            case .revoke: deletedAt = change.timestamp
            }
        }
        reactions = authors.compactMap { latest[$0] }
        return self != before
    }
}
