import JSON
import Testing

/// What Meta's side does to every request to send, for a while.
enum FaultGraph: String, CaseIterable, CustomTestStringConvertible {
    case timeoutBefore = "no answer, message not taken"
    case timeoutAfter = "no answer, message taken"
    case resetBefore = "reset, message not taken"
    case resetAfter = "reset, message taken"
    case badGateway = "502 with a proxy's page"
    case serverError = "500 with Meta's 131000"
    case tooManyRequests = "429 with no more than the status"
    case throughput = "429 with Meta's 130429"
    case slowBody = "answers that trickle"
    case badJSON = "200 with half of the JSON"
    case page = "200 with a page"

    var testDescription: String { rawValue }

    var action: JSON {
        let retryAfter: JSON = ["Retry-After": "1"]
        return switch self {
        case .timeoutBefore: ["timeout": "before", "holdMs": .integer(Self.hold)]
        case .timeoutAfter: ["timeout": "after", "holdMs": .integer(Self.hold)]
        case .resetBefore: ["reset": "before"]
        case .resetAfter: ["reset": "after"]
        case .badGateway: ["status": 502, "body": "<html>Bad Gateway</html>", "contentType": "text/html"]
        case .serverError: ["code": 131000]
        case .tooManyRequests: ["status": 429, "body": ["error": ["message": "slow"]], "headers": retryAfter]
        case .throughput: ["code": 130429, "headers": retryAfter]
        case .slowBody: ["slowBody": ["chunkBytes": 40, "gapMs": 200]]
        case .badJSON: ["badJSON": true]
        case .page: ["status": 200, "body": "<html>Welcome</html>", "contentType": "text/html"]
        }
    }

    /// In the long form longer than the gateway waits for an answer.
    private static let hold: Int64 = Scale.faultSeconds < 15 ? 1500 : 60_000

    /// Meta says that it didn't take the message, and why: then nobody has to wonder what became of it.
    var isRefusal: Bool { [.serverError, .tooManyRequests, .throughput].contains(self) }
    /// Nothing is wrong with the message; it has to wait, however often.
    var isPause: Bool { [.tooManyRequests, .throughput].contains(self) }
    /// Everything arrives in spite of it.
    var isHarmless: Bool { isPause || self == .slowBody }
    /// Whether a message that it struck was taken can't be told.
    var leavesOpen: Bool { !isRefusal && self != .slowBody }
    /// What it struck was taken all the same.
    var takes: Bool { [.timeoutAfter, .resetAfter, .slowBody, .badJSON].contains(self) }
}
