import Fetch
import JSON

/// Posts something to an endpoint, signed. Where it may go is judged when its name is resolved, redirects are not
/// followed, and neither the time nor the answer is without bound.
struct DeliveryPost: Sendable {
    static let timeout: Duration = .seconds(15)
    private static let answerLimit = 64 * 1024

    let fetch: FetchClient
    let address: AddressGuard
    let box: SecretBox
    let clock: Clock
    /// The wall clock of this machine: receivers hold the time of a signature against theirs.
    private let signed = Clock.system

    /// - Parameter allowedHosts: those that the address guard lets through, from the settings.
    init(fetch: FetchClient, allowedHosts: [String], box: SecretBox, clock: Clock) {
        self.fetch = fetch
        address = AddressGuard(allow: allowedHosts, ports: [80, 443, 8080, 8443])
        self.box = box
        self.clock = clock
    }

    func callAsFunction(_ body: [UInt8], id: String, to endpoint: Endpoint) async -> DeliveryOutcome {
        let start = ContinuousClock.now
        do {
            var request = FetchRequest(method: "POST", url: endpoint.url, body: .bytes(body))
            request.headers = [("Content-Type", "application/json")]
            request.headers += try endpoint.secrets.headers(
                id: id, time: signed.now(), body: body, now: clock.now(), box)
            request.timeout = Self.timeout
            request.maxResponseBytes = Self.answerLimit
            request.addressGuard = address
            // The receiver knows by `webhook-id` what it has.
            request.idempotent = true
            let answer = try await fetch.send(request)
            let isRead = answer.status == 200 && !answer.body.isEmpty
            // An answer that is no JSON is none that says anything.
            let reply = isRead ? (try? JSON(parsing: answer.body))?["reply"] : nil
            return DeliveryOutcome(status: answer.status, duration: .now - start, reply: reply)
        } catch {
            return DeliveryOutcome(error: Self.words(error), duration: .now - start)
        }
    }

    private static func words(_ error: any Error) -> String {
        if let error = error as? GatewayError { return error.message }
        return switch error as? FetchError {
        case .addressNotAllowed: "its address is not a public one"
        case .couldNotResolve: "its name does not resolve"
        case .couldNotConnect: "nobody listens there"
        case .timedOut: "it did not answer in time"
        case .connectionLost: "the connection broke"
        case .tls: "TLS failed"
        case .tooLarge: "its answer is too large"
        case .invalidURL: "its address is not valid"
        default: "the request failed"
        }
    }
}
