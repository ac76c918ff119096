import Fetch

/// Why a call to the LiveKit server gave nothing. Holds no token, whatever the server said.
package enum ServerError: Error, Hashable, Sendable {
    /// The room, participant or dispatch isn't there.
    case notFound
    /// Key, secret or clock don't fit, or the token may not do this. In the server's words.
    case unauthenticated(String)
    /// Nobody is in the room, so that nobody could be told. The server takes three seconds to say so.
    case nobodyInRoom
    /// The server doesn't accept the request; again it wouldn't either. Its code, as `invalid_argument`, and its words.
    case refused(code: String, String)
    /// The server, or a proxy before it, can't at the moment.
    case unavailable(status: Int, String)
    /// No answer.
    case unreachable(FetchError)
    /// An answer that isn't what the call gives; in words.
    case unexpected(status: Int, String)

    /// Whether the same call can go well later on.
    package var isTransient: Bool {
        switch self {
        case .unavailable: true
        case .unreachable(let error):
            switch error {
            case .couldNotResolve, .couldNotConnect, .timedOut, .connectionLost, .tls, .other: true
            case .invalidURL, .addressNotAllowed, .tooLarge, .tooManyRedirects, .fileSystem, .cancelled: false
            }
        case .notFound, .unauthenticated, .nobodyInRoom, .refused, .unexpected: false
        }
    }

    /// Fit for a log.
    package var summary: String {
        switch self {
        case .notFound: "LiveKit knows no such room, participant or dispatch"
        case .unauthenticated(let words): "LiveKit refuses the key or the token: \(words)"
        case .nobodyInRoom: "nobody is in the room"
        case .refused(let code, let words): "LiveKit refuses the request (\(code)): \(words)"
        case .unavailable(let status, let words): "LiveKit is unavailable (HTTP \(status)): \(words)"
        case .unreachable(let error): "LiveKit is unreachable: \(error.words)"
        case .unexpected(let status, let words): "LiveKit answered HTTP \(status): \(words)"
        }
    }
}

extension FetchError {
    fileprivate var words: String {
        switch self {
        case .invalidURL(let problem): "the address \(problem)"
        case .addressNotAllowed: "the address is not allowed"
        case .couldNotResolve: "its name could not be resolved"
        case .couldNotConnect: "it could not be connected to"
        case .timedOut(let sent): sent ? "no answer in time" : "connecting took too long"
        case .connectionLost(let sent): sent ? "connection lost before the answer" : "connection lost before sending"
        case .tls(let problem): "TLS failed: \(problem)"
        case .tooLarge(let limit): "an answer of more than \(limit) bytes"
        case .tooManyRedirects: "too many redirects"
        case .fileSystem(let problem), .other(let problem): problem
        case .cancelled: "cancelled"
        }
    }
}
