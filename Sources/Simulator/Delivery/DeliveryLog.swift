import JSON

/// The last thousand POSTs to the webhook, with what became of them.
struct DeliveryLog: Sendable {
    struct Attempt: Sendable {
        let at: Int64
        /// HTTP status, nil when there was no answer.
        let status: Int?
        let milliseconds: Int64
        let problem: String?
    }

    struct Entry: Sendable {
        let id: Int
        let at: Int64
        let url: String
        let labels: [String]
        let body: [UInt8]
        var attempts: [Attempt] = []
        var state = "waiting"

        func json(withBody: Bool) -> JSON {
            .fields([
                "id": .int(id), "at": .integer(at), "url": .string(url), "state": .string(state),
                "updates": .array(labels.map { .string($0) }),
                "attempts": .array(
                    attempts.map {
                        .fields([
                            "at": .integer($0.at), "status": $0.status.map { .int($0) },
                            "milliseconds": .integer($0.milliseconds), "problem": .text($0.problem),
                        ])
                    }),
                "body": withBody ? .string(String(decoding: body, as: UTF8.self)) : nil,
            ])
        }
    }

    static let limit = 1_000
    /// Longer bodies are logged without their text.
    static let bodyLimit = 16_384
    private var entries: [Int: Entry] = [:]
    private(set) var last = 0

    mutating func open(url: String, labels: [String], body: [UInt8], at: Int64) -> Int {
        last += 1
        entries[last] = Entry(
            id: last, at: at, url: url, labels: Array(labels.prefix(20)),
            body: body.count <= Self.bodyLimit ? body : [])
        entries[last - Self.limit] = nil
        return last
    }

    /// Entries that have left the log are passed over.
    mutating func note(_ id: Int, _ attempt: Attempt, state: String) {
        guard entries[id] != nil else { return }
        entries[id]?.attempts.append(attempt)
        if entries[id]?.attempts.count ?? 0 > 50 { entries[id]?.attempts.removeFirst() }
        entries[id]?.state = state
    }

    func after(_ id: Int, limit: Int) -> [Entry] {
        guard id < last else { return [] }
        return (max(id + 1, last - Self.limit + 1)...last).compactMap { entries[$0] }.prefix(limit).map { $0 }
    }

    mutating func removeAll() { entries = [:] }
}
