import Gateway
import Hummingbird
import JSON

/// What happened, for whoever asks.
struct EventRoutes: Sendable {
    private static let standardPage = 50

    let events: EventService
    let mediaLinks: MediaLinks?

    var routes: [Route] { [Route(.get, "/events", respond: list)] }

    @Sendable private func list(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: ["limit", "after", "type", "account"])
        let limit = try query.limit(default: Self.standardPage)
        let page = try await events.list(
            after: try Self.id(query), type: try Self.type(query),
            account: query.text("account").map(AccountID.init(rawValue:)), limit: limit)
        var answer: JSONObject = ["events": .array(page.events.map { $0.json(links: mediaLinks) })]
        answer["nextCursor"] = page.hasMore ? page.events.last.map { .string($0.id) } : nil
        return Response(.object(answer))
    }

    private static func id(_ query: QueryReader) throws -> String? {
        guard let text = query.text("after") else { return nil }
        guard text.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil else {
            throw RequestFailure.invalid("`after` must be the id of an event", field: "after")
        }
        return text
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
