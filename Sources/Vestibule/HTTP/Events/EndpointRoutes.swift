import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// Addresses of chat backends that events are told to.
struct EndpointRoutes: Sendable {
    private static let standardPage = 50

    let endpoints: EndpointService

    var routes: [Route] {
        [
            Route(.get, "/webhooks/endpoints", respond: list),
            Route(.post, "/webhooks/endpoints", respond: create),
            Route(.get, "/webhooks/endpoints/{id}", respond: find),
            Route(.patch, "/webhooks/endpoints/{id}", respond: update),
            Route(.delete, "/webhooks/endpoints/{id}", respond: remove),
            Route(.post, "/webhooks/endpoints/{id}/rotate", respond: rotate),
            Route(.post, "/webhooks/endpoints/{id}/test", respond: test),
            Route(.get, "/webhooks/endpoints/{id}/deliveries", respond: deliveries),
            Route(.post, "/webhooks/endpoints/{id}/replay", respond: replay),
        ]
    }

    @Sendable private func list(_ request: Request, _: GatewayContext) async throws -> Response {
        _ = try QueryReader(request.uri, allowed: [])
        return Response(["endpoints": .array(try await endpoints.list().map { $0.json() })])
    }

    @Sendable private func create(_ request: Request, _: GatewayContext) async throws -> Response {
        let reader = try FieldReader(
            try await request.jsonObject(), allowed: ["url", "secret", "events", "account"])
        var change = EndpointChange()
        change.url = try Self.url(reader, reader.requiredString("url", 1...2048))
        change.secret = try Self.secret(reader)
        change.types = try Self.types(reader)
        change.account = try reader.string("account", 1...255).map(AccountID.init(rawValue:))
        let (endpoint, secret) = try await endpoints.create(change)
        return Response(endpoint.json(showing: secret), status: .created)
    }

    @Sendable private func find(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await endpoints.find(try context.endpointID()).json())
    }

    @Sendable private func update(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.endpointID()
        let reader = try FieldReader(
            try await request.jsonObject(), allowed: ["url", "events", "state"])
        var change = EndpointChange()
        change.url = try reader.string("url", 1...2048).map { try Self.url(reader, $0) }
        change.types = try Self.types(reader)
        change.isActive = try reader.choice("state", of: ["active", "disabled"]).map { $0 == "active" }
        return Response(try await endpoints.update(id, change).json())
    }

    @Sendable private func rotate(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.endpointID()
        let reader = try FieldReader(try await request.jsonObject(), allowed: ["secret"])
        let (endpoint, secret) = try await endpoints.rotate(id, to: try Self.secret(reader))
        return Response(endpoint.json(showing: secret))
    }

    @Sendable private func remove(_: Request, context: GatewayContext) async throws -> Response {
        try await endpoints.remove(try context.endpointID())
        return Response(["success": true])
    }

    @Sendable private func test(_: Request, context: GatewayContext) async throws -> Response {
        Response(try await endpoints.test(try context.endpointID()).json)
    }

    @Sendable private func deliveries(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.endpointID()
        let query = try QueryReader(request.uri, allowed: ["limit", "before"])
        let limit = try query.limit(default: Self.standardPage)
        let page = try await endpoints.deliveries(id, before: query.text("before"), limit: limit)
        var answer: JSONObject = ["deliveries": .array(page.map(\.json))]
        answer["nextBefore"] = page.count == limit ? page.last.map { .string($0.id) } : nil
        return Response(.object(answer))
    }

    @Sendable private func replay(_ request: Request, context: GatewayContext) async throws -> Response {
        let id = try context.endpointID()
        let reader = try FieldReader(try await request.jsonObject(), allowed: ["since"])
        let since = try reader.requiredInteger("since", 0...Int64.max)
        return Response(try await endpoints.replay(id, since: since).json())
    }

    /// Where it leads is judged when something is sent there.
    private static func url(_ reader: FieldReader, _ text: String) throws(FieldError) -> String {
        let isVisible = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isVisible, !text.contains("#"), WebAddress(String(text.prefix { $0 != "?" })) != nil else {
            throw reader.error("url", "must be an http or https address without a user or a fragment")
        }
        return text
    }

    private static func secret(_ reader: FieldReader) throws(FieldError) -> EndpointSecret? {
        guard let text = try reader.string("secret", 1...128) else { return nil }
        guard let secret = EndpointSecret(text) else { throw reader.error("secret", EndpointSecret.expected) }
        return secret
    }

    private static func types(_ reader: FieldReader) throws(FieldError) -> Set<String>? {
        guard let items = try reader.array("events", count: 0...50) else { return nil }
        var types: Set<String> = []
        for item in items {
            guard let type = item.string, Event.Kind(rawValue: type) != nil else {
                let known = Event.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                throw reader.error("events", "must be types of events: \(known)")
            }
            types.insert(type)
        }
        return types
    }
}

extension GatewayContext {
    /// The id of an endpoint. What can't be one is not looked for.
    fileprivate func endpointID() throws(RequestFailure) -> String {
        guard let id = parameters.get("id"), id.wholeMatch(of: /ep_[0-9a-f-]{36}/) != nil else {
            throw RequestFailure(GatewayError(.notFound, "there is no endpoint of that id"))
        }
        return id
    }
}
