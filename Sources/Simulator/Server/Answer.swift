import JSON

/// What a client gets back, including the ways in which servers misbehave.
enum Answer: Sendable {
    case reply(Reply)
    /// The body comes in pieces with pauses between them.
    case slow(Reply, chunk: Int, gap: Duration)
    /// The whole length is announced, only the first `keep` bytes come, then the connection is reset.
    case truncated(Reply, keep: Int)
    /// The connection is reset without a byte of answer.
    case reset
    /// No answer at all until the time is over, then the connection closes.
    case silence(Duration)
}

struct Reply: Sendable {
    var status = 200
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static func json(_ value: JSON, status: Int = 200, headers: [(name: String, value: String)] = []) -> Reply {
        Reply(
            status: status, headers: [("Content-Type", "application/json; charset=UTF-8")] + headers,
            body: value.encoded())
    }
}

extension JSON {
    /// An object without the pairs whose value is nil.
    static func fields(_ pairs: KeyValuePairs<String, JSON?>) -> JSON {
        .object(JSONObject(pairs.compactMap { pair in pair.value.map { (pair.key, $0) } }))
    }

    static func text(_ value: String?) -> JSON? { value.map { .string($0) } }
    static func int(_ value: Int) -> JSON { .integer(Int64(value)) }
}
