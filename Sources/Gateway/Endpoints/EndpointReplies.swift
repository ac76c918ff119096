import JSON
import Logging
import SQL

/// Says what endpoints answer. A reply is taken to a customer's message alone, so none answers another or itself; and
/// when much went out in the room of late it is not sent, so that a customer's own machine and an endpoint that answers
/// everything don't talk to each other for ever.
struct EndpointReplies: Sendable {
    enum Result: Sendable {
        case said(MessageID)
        case refused(String)
        /// Something that it needs is away: the event is to be told again.
        case later(String)
    }

    /// So many messages may go out in a room within the period before replies are no longer sent.
    static let limit: Int64 = 60
    static let period: Milliseconds = 10 * .minute

    let database: Database
    let outbound: OutboundService
    /// How a reply is read: as a message into a room.
    let draft: @Sendable (JSON) throws -> Draft
    let clock: Clock
    let logger: Logger

    /// Once for each event: a delivery that is repeated, since its end was lost, or an event that is told again, may
    /// bring another answer, and that is not sent.
    /// - Parameter isLast: it is not to be told again.
    /// - Returns: nil when there is nothing to say.
    func say(_ reply: JSON?, to event: Event, of endpoint: Endpoint, isLast: Bool) async throws -> Result? {
        guard let reply, reply != .null else { return nil }
        guard event.type == Event.Kind.messageReceived.rawValue, let room = event.room else {
            return .refused("a reply is taken to message.received only")
        }
        do {
            let key = "\(Self.keyMark)\(endpoint.id)\n\(event.id)"
            if let known = try await said(key, event.account) { return .said(known) }
            let draft = try draft(reply)
            guard try await !isLoud(room) else {
                throw GatewayError(.rateLimited, "\(Self.limit) messages went out in the room within ten minutes")
            }
            return .said(try await outbound.submit(draft, to: .room(room), idempotencyKey: key).message.messageID)
        } catch {
            let cause = (error as? FieldError).map(GatewayError.init) ?? GatewayError(wrapping: error)
            if cause.code == .unavailable {
                // Without the database, or told to stop, nothing can be noted either.
                try Task.checkCancellation()
                if error is SQLError { throw error }
                if !isLast { return .later(cause.message) }
            }
            logger.warning(
                "an endpoint's reply is not sent",
                metadata: ["endpoint.id": "\(endpoint.id)", "event.id": "\(event.id)", "cause": "\(cause.message)"])
            return .refused(cause.message)
        }
    }

    /// No caller's key holds a line break.
    static let keyMark = "reply\n"

    private func said(_ key: String, _ account: AccountID) async throws -> MessageID? {
        try await database.read { session in
            try session.query(
                "SELECT message_id FROM idempotency_keys WHERE account_id = $1 AND key = $2",
                [.text(account.rawValue), .text(key)]
            ).first.map { MessageID(rawValue: try $0.text("message_id")) }
        }
    }

    private func isLoud(_ room: RoomName) async throws -> Bool {
        let start = clock.now() - Self.period
        return try await database.read { session in
            let oldest = try session.query(
                """
                SELECT timestamp FROM chat_messages WHERE room_name = $1 AND direction = 'outgoing' AND NOT private
                ORDER BY sequence DESC LIMIT 1 OFFSET $2
                """, [.text(room.rawValue), .integer(Self.limit - 1)]
            ).first?.integer("timestamp")
            return oldest.map { $0 > start } ?? false
        }
    }
}
