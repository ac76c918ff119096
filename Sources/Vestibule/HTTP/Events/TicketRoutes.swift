import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// Tickets for pages that follow a room.
struct TicketRoutes: Sendable {
    let tickets: TicketService

    var routes: [Route] { [Route(.post, "/rooms/{name}/ticket", respond: issue)] }

    @Sendable private func issue(_ request: Request, context: GatewayContext) async throws -> Response {
        let name = try context.roomName()
        let origin = try await origin(request)
        let ticket = try await tickets.issue(room: name, origin: origin)
        return Response([
            "success": true, "ticket": .string(ticket.text), "expiresAt": .string(ticket.expiresAt.iso8601),
        ])
    }

    /// The body may be left out.
    private func origin(_ request: Request) async throws -> String? {
        guard request.headers[.contentLength] != "0",
            request.headers[.contentLength] != nil || request.headers[.transferEncoding] != nil
        else { return nil }
        let body = try await request.jsonObject()
        for (name, _) in body.object ?? [:] where name != "origin" {
            throw RequestFailure.invalid("`\(name.prefix(64))` is not a field here; known is origin", field: "origin")
        }
        guard let value = body["origin"] else { return nil }
        guard let text = value.string, text.wholeMatch(of: /https?:\/\/[A-Za-z0-9.\-]{1,253}(:[0-9]{1,5})?/) != nil
        else {
            throw RequestFailure.invalid(
                "`origin` must be a web site's origin, as https://chat.example", field: "origin")
        }
        return text.lowercased()
    }
}
