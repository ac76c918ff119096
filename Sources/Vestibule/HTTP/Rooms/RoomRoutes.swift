import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// Rooms and what is said in them.
struct RoomRoutes: Sendable {
    private static let standardPage = 50

    let rooms: RoomService
    let messages: MessageService
    let actions: RoomActions
    let mediaLinks: MediaLinks?

    var routes: [Route] {
        [
            Route(.get, "/rooms", respond: list),
            Route(.get, "/rooms/{name}", respond: find),
            Route(.patch, "/rooms/{name}", respond: change),
            Route(.get, "/rooms/{name}/messages", respond: read),
            Route(.post, "/rooms/{name}/messages", respond: post),
            Route(.post, "/rooms/{name}/read", respond: markRead),
            Route(.post, "/rooms/{name}/typing", respond: typing),
        ]
    }

    @Sendable private func list(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(
            request.uri, allowed: ["limit", "cursor", "account", "state", "assignee", "tag", "q"])
        let limit = try query.limit(default: Self.standardPage)
        let page = try await rooms.list(try query.roomFilter(), limit: limit, cursor: query.text("cursor"))
        var answer: JSONObject = ["rooms": .array(page.rooms.map { $0.json() })]
        answer["nextCursor"] = page.nextCursor.map(JSON.string)
        return Response(.object(answer))
    }

    @Sendable private func find(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await rooms.find(try context.roomName()).json())
    }

    @Sendable private func change(_ request: Request, context: GatewayContext) async throws -> Response {
        let name = try context.roomName()
        return Response(try await actions.change(name, try await request.jsonObject()))
    }

    @Sendable private func read(_ request: Request, context: GatewayContext) async throws -> Response {
        let name = try context.roomName()
        let query = try QueryReader(request.uri, allowed: ["limit", "after", "before"])
        let limit = try query.limit(default: Self.standardPage)
        let after = try query.integer("after", in: 0...Int64.max)
        let before = try query.integer("before", in: 0...Int64.max)
        if after != nil, before != nil {
            throw RequestFailure.invalid("`before` cannot stand beside `after`; give one of the two", field: "before")
        }
        let page = try await messages.inRoom(name, after: after, before: before, limit: limit)
        return Response(.array(page.map { $0.json(links: mediaLinks) }))
    }

    @Sendable private func post(_ request: Request, context: GatewayContext) async throws -> Response {
        let name = try context.roomName()
        let key = try request.idempotencyKey()
        let answer = try await actions.say(try await request.sendObject(), in: name, idempotencyKey: key)
        return answer.roomResponse(mediaLinks)
    }

    @Sendable private func markRead(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await actions.markRead(try context.roomName()))
    }

    @Sendable private func typing(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await actions.typing(try context.roomName()))
    }
}

extension QueryReader {
    fileprivate func roomFilter() throws -> RoomFilter {
        RoomFilter(
            account: try name("account").map(AccountID.init(rawValue:)), state: try state(),
            assignee: try name("assignee"), tag: try name("tag"), query: try text("q").map(SearchQuery.rooms))
    }

    private func state() throws(RequestFailure) -> RoomState? {
        guard let text = text("state") else { return nil }
        guard let state = RoomState(rawValue: text) else {
            throw .invalid(
                "`state` must be one of \(RoomState.allCases.map(\.rawValue).joined(separator: ", "))", field: "state")
        }
        return state
    }

    /// What a stored name can be compared with.
    func name(_ name: String) throws(RequestFailure) -> String? {
        guard let text = text(name) else { return nil }
        guard (1...255).contains(text.unicodeScalars.count), !text.utf8.contains(0) else {
            throw .invalid("`\(name)` must be 1 to 255 characters without NUL", field: name)
        }
        return text
    }
}
