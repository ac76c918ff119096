import Gateway
import Hummingbird
import JSON

/// What happened, for whoever asks.
struct EventRoutes: Sendable {
    private static let standardPage = 50

    let events: EventService

    var routes: [Route] { [Route(.get, "/events", respond: list)] }

    @Sendable private func list(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["limit", "after", "type", "account", "room"])
        let limit = try query.limit(default: Self.standardPage)
        let filter = EventFilter(
            room: query.text("room").map(RoomName.init(rawValue:)),
            account: query.text("account").map(AccountID.init(rawValue:)), type: try Self.type(query))
        let page = try await events.list(after: query.text("after"), filter, limit: limit)
        var answer: JSONObject = ["events": .array(page.events.map(\.json))]
        answer["nextCursor"] = page.nextCursor.map(JSON.string)
        return Response(.object(answer))
    }

    private static func type(_ query: QueryReader) throws -> Event.Kind? {
        guard let text = query.text("type") else { return nil }
        guard let type = Event.Kind(rawValue: text) else {
            let known = Event.Kind.allCases.map(\.rawValue).joined(separator: ", ")
            throw RequestFailure.invalid("`type` must be one of \(known)", field: "type")
        }
        return type
    }
}
