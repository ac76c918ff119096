import HTTPTypes
import Hummingbird

/// Answers a request that opens a socket or a stream in a task of its own. A task keeps the memory of its deepest call
/// until it ends, and that of a connection lives as long as the socket: a third of what an idle one takes would be left
/// over from its opening.
struct OpeningResponder<Inner: HTTPResponder>: HTTPResponder where Inner.Context: Sendable {
    let inner: Inner

    init(_ inner: Inner) { self.inner = inner }

    func respond(to request: Request, context: Inner.Context) async throws -> Response {
        guard Self.opens(request) else { return try await inner.respond(to: request, context: context) }
        return try await withThrowingTaskGroup(of: Response.self) { group in
            group.addTask { try await inner.respond(to: request, context: context) }
            guard let response = try await group.next() else { throw CancellationError() }
            return response
        }
    }

    private static func opens(_ request: Request) -> Bool {
        request.headers[.upgrade] != nil || request.headers[.accept]?.contains("text/event-stream") ?? false
    }
}
