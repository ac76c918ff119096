import Gateway
import HTTPTypes
import Hummingbird
import JSON

/// What operators and their tools ask: is it alive, is it ready, how is it doing, what does it offer.
struct OperationsRoutes: Sendable {
    let gateway: Gateway
    let metrics: Metrics

    var routes: [Route] {
        [
            Route(.get, "/health", access: .open) { _, _ in Response(["status": "ok"]) },
            Route(.get, "/ready", respond: ready),
            Route(.get, "/metrics", respond: exposition),
            Route(.get, "/openapi.yaml") { _, _ in
                Response(text: APIDescription.yaml, contentType: "application/yaml")
            },
        ]
    }

    @Sendable private func ready(_: Request, _: GatewayContext) async throws -> Response {
        let dependencies = await gateway.readiness()
        let away = dependencies.filter { !$0.ok }
        let status = away.isEmpty ? "ready" : away.contains(where: \.isRequired) ? "unavailable" : "degraded"
        let answer: JSON = ["status": .string(status), "dependencies": .array(dependencies.map(\.json))]
        guard status == "unavailable" else { return Response(answer) }
        return Response(answer, status: .serviceUnavailable, headers: [.retryAfter: "5"])
    }

    @Sendable private func exposition(_: Request, _: GatewayContext) async throws -> Response {
        await gateway.refreshGauges()
        return Response(text: metrics.exposition(), contentType: "text/plain; version=0.0.4; charset=utf-8")
    }
}

extension DependencyState {
    fileprivate var json: JSON {
        var object: JSONObject = ["name": .string(name), "ok": .bool(ok)]
        object["milliseconds"] = .number((milliseconds * 1000).rounded() / 1000)
        object["detail"] = detail.map(JSON.string)
        object["depth"] = depth.map { .integer(Int64($0)) }
        return .object(object)
    }
}
