import Fetch

/// Object storage refused a call, or gave no answer. Holds nothing of what storage says in its own words: those name
/// keys.
struct S3Failure: Error {
    /// Such as "PUT".
    let call: String
    let status: Int?
    /// Storage's own word, such as `SlowDown`, or why there is no answer.
    let reason: String
    /// Whether the same call may go well in a moment.
    let isTransient: Bool

    init(_ call: String, _ error: FetchError) {
        self.call = call
        status = nil
        isTransient =
            switch error {
            case .couldNotResolve, .couldNotConnect, .timedOut, .connectionLost: true
            default: false
            }
        reason =
            switch error {
            case .couldNotResolve: "the host can't be resolved"
            case .couldNotConnect: "the host can't be connected to"
            case .timedOut: "no answer in time"
            case .connectionLost: "the connection was lost"
            case .tls(let words): "TLS: \(words)"
            case .fileSystem(let words), .other(let words), .invalidURL(let words): words
            case .tooLarge: "the answer is longer than what was asked for"
            case .cancelled: "cancelled"
            case .addressNotAllowed, .tooManyRedirects: "a redirect"
            }
    }

    /// - Parameter body: of an answer that is no success.
    init(_ call: String, status: Int, body: [UInt8]) {
        let code = S3Text.first("Code", in: body).flatMap(Self.word)
        self.call = call
        self.status = status
        reason = code ?? "HTTP \(status)"
        isTransient =
            status >= 500 || status == 429
            || ["RequestTimeout", "SlowDown", "InternalError", "OperationAborted"].contains(code)
    }

    init(_ call: String, _ reason: String, isTransient: Bool = false) {
        self.call = call
        self.reason = reason
        self.isTransient = isTransient
        status = nil
    }

    var isMissing: Bool { status == 404 && reason != "NoSuchBucket" }

    var summary: String {
        let status = status.map { " (HTTP \($0))" } ?? ""
        return "object storage: \(call): \(reason)\(status)"
    }

    /// For callers.
    var gatewayError: GatewayError {
        isMissing
            ? GatewayError(.notFound, "there is no such file", cause: summary)
            : GatewayError(.unavailable, "files can't be stored or read just now; try again", cause: summary)
    }

    /// A code is a word; anything else could be a text with a key in it.
    private static func word(_ text: String) -> String? {
        let isWord = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { $0 < 0x80 && $0 > 0x20 }
        return isWord && text.allSatisfy { $0.isLetter || $0.isNumber } ? text : nil
    }
}
