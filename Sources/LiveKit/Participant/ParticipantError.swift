/// Why a participant could not do what it was to.
package enum ParticipantError: Error, Hashable, Sendable {
    /// The native library is not there, or is none.
    case noLibrary(String)
    /// The server refused, or could not be reached; in the library's words, without a token.
    case failed(String)
    case timedOut
    /// The connection is over.
    case ended

    /// Fit for a log.
    package var summary: String {
        switch self {
        case .noLibrary(let problem): "LiveKit's native library can't be used: \(problem)"
        case .failed(let words): words
        case .timedOut: "no answer in time"
        case .ended: "the connection to the room is over"
        }
    }
}
