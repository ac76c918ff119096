import Gateway
import HTTPTypes
import Hummingbird
import JSON
import WhatsApp

/// Sending to a phone number, and reading what was said with it.
struct MessageRoutes: Sendable {
    /// How long a send waits for its first outcome.
    static let patience: Duration = .seconds(10)
    private static let standardLimit = 100

    let messages: MessageService
    let outbound: OutboundService
    let mediaLinks: MediaLinks?

    var routes: [Route] {
        [
            Route(.post, "/whatsapp/send", respond: send),
            Route(.get, "/whatsapp/messages/{phoneNumber}", respond: history),
        ]
    }

    @Sendable private func send(_ request: Request, _: GatewayContext) async throws -> Response {
        let key = try request.idempotencyKey()
        let (phoneNumber, draft) = try SendBody.toPhone(try await request.sendObject())
        let submission = try await outbound.submit(
            draft, to: .phone(phoneNumber, account: .default), idempotencyKey: key)
        return try SendAnswer(try await outcome(of: submission), replayed: submission.replayed).response()
    }

    private func outcome(of submission: Submission) async throws(GatewayError) -> Submission {
        do throws(GatewayError) {
            return try await outbound.outcome(of: submission.message.messageID, within: Self.patience)
        } catch {
            guard error.code == .unavailable else { throw error }
            // It is stored and will be sent. An error would make the caller send it again.
            return submission
        }
    }

    @Sendable private func history(_ request: Request, context: GatewayContext) async throws -> Response {
        let phone = try context.phoneNumber()
        let query = try QueryReader(request.uri, allowed: ["limit", "before"])
        let limit = try query.limit(default: Self.standardLimit)
        let before = try query.integer("before", in: 0...Int64.max)
        let history = try await messages.history(phone: phone, limit: limit, before: before)
        return Response(.array(history.map { $0.json(links: mediaLinks) }))
    }
}

extension QueryReader {
    func limit(default standard: Int) throws(RequestFailure) -> Int {
        Int(try integer("limit", in: 1...1000) ?? Int64(standard))
    }
}

extension Request {
    /// 1 to 255 visible ASCII characters, or nil when the header is absent.
    func idempotencyKey() throws(RequestFailure) -> String? {
        try IdempotencyKey.check(headers[.idempotencyKey], name: "Idempotency-Key")
    }
}

enum IdempotencyKey {
    static func check(_ key: String?, name: String) throws(RequestFailure) -> String? {
        guard let key else { return nil }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid("`\(name)` must be 1 to 255 visible ASCII characters", field: name)
        }
        return key
    }
}
