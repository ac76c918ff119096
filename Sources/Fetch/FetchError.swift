/// Why there is no answer. An answer of any status is not an error.
package enum FetchError: Error, Hashable, Sendable {
    /// What is wrong with it, in words; never the URL itself, which may hold a token.
    case invalidURL(String)
    /// The guard doesn't let the request, or a redirect of it, go there.
    case addressNotAllowed
    case couldNotResolve
    case couldNotConnect
    case timedOut(requestSent: Bool)
    case connectionLost(requestSent: Bool)
    /// The handshake failed.
    case tls(String)
    /// The answer, of more than `limit` bytes.
    case tooLarge(limit: Int64)
    case tooManyRedirects
    /// Reading a body's file or writing a download's.
    case fileSystem(String)
    /// The task was cancelled, or the client closed.
    case cancelled
    /// An answer that is no HTTP, or a fault in between; in words.
    case other(String)

    /// `false` only when surely no byte of the request went out, so that sending again can't do it twice. Resolving,
    /// connecting and TLS come before the request; what befalls a redirected request that must not be sent twice is
    /// `connectionLost(requestSent: true)` already.
    package var requestSent: Bool {
        switch self {
        case .invalidURL, .couldNotResolve, .couldNotConnect, .tls: false
        case .timedOut(let sent), .connectionLost(let sent): sent
        case .addressNotAllowed, .tooLarge, .tooManyRedirects, .fileSystem, .cancelled, .other: true
        }
    }
}
