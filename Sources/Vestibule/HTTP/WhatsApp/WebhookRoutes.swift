import Gateway
import HTTPTypes
import Hummingbird
import WhatsApp

/// Meta's webhook: the verification by GET, and the events by POST. An event is answered 200 once it is committed,
/// whatever it holds; only a wrong signature, too many bytes and a full queue are told to Meta.
struct WebhookRoutes: Sendable {
    let ingest: IngestService
    let verifyToken: Secret?
    /// Several during a rotation; empty when signatures are not checked.
    let appSecrets: [Secret]
    let refused: Counter

    init(ingest: IngestService, verifyToken: Secret?, appSecrets: [Secret], metrics: Metrics) {
        self.ingest = ingest
        self.verifyToken = verifyToken
        self.appSecrets = appSecrets
        refused = metrics.counter(
            "vestibule_webhook_signatures_refused_total", help: "Webhooks refused for a wrong or missing signature.")
    }

    var routes: [Route] {
        [
            Route(.get, "/whatsapp/webhook", access: .open, respond: verify),
            Route(.post, "/whatsapp/webhook", access: .open, respond: receive),
        ]
    }

    @Sendable private func verify(_ request: Request, _: GatewayContext) async throws -> Response {
        let query = try QueryReader(request.uri, allowed: nil)
        guard let verifyToken else {
            throw Self.refusal("webhook verification is not set up: WHATSAPP_WEBHOOK_VERIFY_TOKEN is not set")
        }
        let verification = WebhookVerification.answer(
            mode: query.text("hub.mode"), token: query.text("hub.verify_token"),
            challenge: query.text("hub.challenge"), expected: verifyToken)
        switch verification {
        case .challenge(let challenge):
            return Response(text: challenge)
        case .refused:
            throw Self.refusal("the mode or the verify token is wrong")
        case .malformed:
            throw RequestFailure.invalid("expected hub.mode, hub.verify_token and hub.challenge in the query")
        }
    }

    @Sendable private func receive(_ request: Request, _: GatewayContext) async throws -> Response {
        let body = try await request.bytes(limit: ConnectionLimits.webhookBody)
        if !appSecrets.isEmpty {
            let signature = request.headers[.hubSignature]
            guard WebhookSignature.isValid(header: signature, body: body, secrets: appSecrets) else {
                refused.increment()
                throw RequestFailure(
                    GatewayError(.verificationFailed, "X-Hub-Signature-256 is missing or does not match the body"))
            }
        }
        try await ingest.accept(body)
        return Response(["success": true])
    }

    private static func refusal(_ message: String) -> RequestFailure {
        RequestFailure(status: .forbidden, code: "WEBHOOK_VERIFICATION_FAILED", message: message)
    }
}
