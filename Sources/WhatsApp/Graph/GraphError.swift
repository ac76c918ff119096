import Fetch

/// Why a call to the Graph API, other than a send, gave nothing.
package enum GraphError: Error, Sendable, Hashable {
    /// Meta answered with an error.
    case refused(MetaError, GraphTreatment)
    /// No answer.
    case unreachable(FetchError)
    /// An answer that isn't what the call gives; in words.
    case unexpected(status: Int, String)
    /// The address of a medium is over its five minutes: ask for a new one with `media(id:)`.
    case addressExpired
    /// The address of a medium isn't Meta's; its token was not sent there.
    case addressNotAllowed
    /// An id that can't be part of a Graph address.
    case invalidID

    /// What to do about it. Every call but a send can be repeated without harm.
    package var treatment: GraphTreatment {
        switch self {
        case .refused(_, let treatment): treatment
        case .unreachable(.invalidURL), .unreachable(.addressNotAllowed), .unreachable(.tooLarge): .fail
        case .unreachable, .addressExpired: .retry(after: nil)
        // Meta's own front ends answer with a page under any status while something is wrong behind them.
        case .unexpected(let status, _): status >= 500 || status < 300 ? .retry(after: nil) : .fail
        case .addressNotAllowed, .invalidID: .fail
        }
    }

    /// Whether Meta may count it as a failed call: it heard of it, as far as can be told.
    package var mayCount: Bool {
        switch self {
        case .refused, .unexpected, .addressExpired: true
        case .unreachable(let error): error.requestSent
        case .addressNotAllowed, .invalidID: false
        }
    }

    /// Fit for a log and for the caller.
    package var summary: String {
        switch self {
        case .refused(let error, _): error.summary
        case .unreachable(let error): error.summary
        case .unexpected(let status, let what): "HTTP \(status): \(what)"
        case .addressExpired: "the media address is no longer valid"
        case .addressNotAllowed: "the media address is not one of Meta's hosts"
        case .invalidID: "not an id of the Graph API"
        }
    }

    init(_ response: FetchResponse, _ what: String) {
        self.init(status: response.status, headers: response.headers, body: response.body, what)
    }

    /// - Parameter what: is missing when the answer holds no error of Meta's.
    init(status: Int, headers: FetchHeaders, body: [UInt8], _ what: String) {
        if let error = GraphReply(status: status, body: body).error {
            self = .refused(error, GraphTreatment(of: error, status: status, headers: headers))
        } else {
            self = .unexpected(status: status, what)
        }
    }
}

extension FetchError {
    /// Without the parts that could hold an address.
    var summary: String {
        switch self {
        case .invalidURL(let problem): "the Graph URL \(problem)"
        case .addressNotAllowed: "the Graph address is not allowed"
        case .couldNotResolve: "the Graph host's name could not be resolved"
        case .couldNotConnect: "the Graph API could not be connected to"
        case .timedOut(let sent):
            sent ? "no answer from the Graph API in time" : "connecting to the Graph API timed out"
        case .connectionLost(let sent): sent ? "connection lost before the answer" : "connection lost before sending"
        case .tls(let problem): "TLS with the Graph API failed: \(problem)"
        case .tooLarge(let limit): "an answer of more than \(limit) bytes"
        case .tooManyRedirects: "the Graph API redirected too often"
        case .fileSystem(let problem): "reading or writing a file failed: \(problem)"
        case .cancelled: "cancelled before the answer"
        case .other(let problem): "no usable answer: \(problem)"
        }
    }
}
