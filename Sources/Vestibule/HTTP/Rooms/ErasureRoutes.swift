import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// Taking out what was said, for good.
struct ErasureRoutes: Sendable {
    let erasure: ErasureService

    var routes: [Route] {
        [
            Route(.delete, "/rooms/{name}/messages/{messageId}", respond: eraseMessage),
            Route(.delete, "/whatsapp/contacts/{phoneNumber}", respond: eraseContact),
        ]
    }

    @Sendable private func eraseMessage(_ request: Request, context: GatewayContext) async throws -> Response {
        _ = try QueryReader(request.uri, allowed: [])
        try await erasure.eraseMessage(try context.messageID(), in: try context.roomName())
        return Response(["success": true])
    }

    @Sendable private func eraseContact(_ request: Request, context: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["account"])
        let report = try await erasure.eraseContact(
            try context.phoneNumber(), account: try query.name("account").map(AccountID.init(rawValue:)))
        return Response([
            "success": true, "messages": .integer(Int64(report.messages)), "rooms": .integer(Int64(report.rooms)),
        ])
    }
}
