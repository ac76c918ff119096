import Gateway
import Hummingbird
import JSON

/// Messages by their words.
struct SearchRoutes: Sendable {
    private static let standardPage = 50

    let search: SearchService
    let mediaLinks: MediaLinks?

    var routes: [Route] { [Route(.get, "/search", respond: find)] }

    @Sendable private func find(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["q", "room", "account", "limit", "cursor"])
        let limit = try query.limit(default: Self.standardPage)
        let page = try await search.find(
            try .messages(query.text("q") ?? ""), room: try query.name("room").map(RoomName.init(rawValue:)),
            account: try query.name("account").map(AccountID.init(rawValue:)), limit: limit,
            cursor: query.text("cursor"))
        var answer: JSONObject = ["messages": .array(page.messages.map { $0.json(links: mediaLinks) })]
        answer["nextCursor"] = page.nextCursor.map(JSON.string)
        return Response(.object(answer))
    }
}
