import Gateway
import HTTPTypes
import Hummingbird

/// Decides, before a route answers, whether it may.
struct RouteAccess: Sendable {
    let keys: APIKeys
    let keyless: KeylessAccess
    let tickets: TicketService

    func check(_ request: Request, _ context: GatewayContext, _ access: Route.Access) async throws {
        switch access {
        case .open: return
        case .key: try checkKey(request)
        case .keyOrTicket:
            guard let ticket = try QueryReader(request.uri, allowed: nil).text("ticket") else {
                return try checkKey(request)
            }
            try await tickets.take(
                ticket, room: try context.roomName(), origin: request.headers[.origin]?.lowercased())
        }
    }

    private func checkKey(_ request: Request) throws(RequestFailure) {
        if keys.keys.isEmpty { try keyless.check(request.head) } else { try keys.check(request.headers) }
    }
}
