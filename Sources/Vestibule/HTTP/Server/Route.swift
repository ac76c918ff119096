import HTTPTypes
import Hummingbird

/// One route: who may call it, and what answers.
struct Route: Sendable {
    enum Access: Sendable {
        /// Anyone who can reach the server: webhooks bear a signature, media names can't be guessed.
        case open
        /// Whoever has one of `API_KEYS`, or anyone when none is set.
        case key
        /// The same, or whoever has a ticket of the room in the path.
        case keyOrTicket
    }

    typealias Responder = @Sendable (Request, GatewayContext) async throws -> Response

    let method: HTTPRequest.Method
    /// Parameters in braces: `/rooms/{name}`.
    let path: String
    let access: Access
    let respond: Responder

    init(_ method: HTTPRequest.Method, _ path: String, access: Access = .key, respond: @escaping Responder) {
        self.method = method
        self.path = path
        self.access = access
        self.respond = respond
    }
}
