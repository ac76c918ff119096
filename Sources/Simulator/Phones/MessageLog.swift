/// The newest messages of all chats, oldest first. Beyond `limit` the oldest are forgotten.
struct MessageLog: Sendable {
    let limit: Int
    private var messages: [Int: ChatMessage] = [:]
    private var sequences: [String: Int] = [:]
    /// The oldest sequence still kept, and the one that comes next.
    private(set) var first = 1
    private(set) var next = 1
    private(set) var dropped = 0

    init(limit: Int) { self.limit = max(1, limit) }

    var count: Int { messages.count }

    mutating func append(_ message: ChatMessage) {
        precondition(message.sequence == next)
        messages[next] = message
        sequences[message.id] = next
        next += 1
        while next - first > limit {
            if let old = messages.removeValue(forKey: first) {
                sequences.removeValue(forKey: old.id)
                dropped += 1
            }
            first += 1
        }
    }

    subscript(sequence: Int) -> ChatMessage? { messages[sequence] }

    subscript(id: String) -> ChatMessage? { sequences[id].flatMap { messages[$0] } }

    mutating func update(_ id: String, _ change: (inout ChatMessage) -> Void) {
        guard let sequence = sequences[id] else { return }
        if messages[sequence] != nil { change(&messages[sequence]!) }
    }

    /// Messages after `sequence` that fit, oldest first, at most `limit`.
    func after(_ sequence: Int, limit: Int, where fits: (ChatMessage) -> Bool) -> [ChatMessage] {
        var found: [ChatMessage] = []
        var position = max(sequence + 1, first)
        while position < next, found.count < limit {
            if let message = messages[position], fits(message) { found.append(message) }
            position += 1
        }
        return found
    }

    /// Forgets everything; sequences go on, so that nobody's cursor points into the future.
    mutating func removeAll() {
        messages = [:]
        sequences = [:]
        first = next
        dropped = 0
    }
}
