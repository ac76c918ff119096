import JSON
import SQL
import WhatsApp

/// Sends one message to Meta. In its lane (one room) it runs alone and in order; `SendOutcomes` stores what Meta answered.
struct SendJob: JobHandler {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let queue: JobQueue
    let graph: GraphClient
    let media: OutgoingUpload
    let limits: SendLimits
    let outcomes: SendOutcomes
    let clock: Clock
    let counters: SendMetrics

    private static let credentialsPause: Duration = .seconds(60)
    /// The longest wait that is spent sleeping; a longer one gives the slot to another lane.
    private static let shortWait: Milliseconds = 500
    /// After the database was away just before the request.
    private static let outagePause: Duration = .seconds(1)

    static func job(
        for message: Message, _ draft: Draft, _ file: PreparedMedia?, _ quoted: QuotedMessage?, at now: Milliseconds,
        last sequence: Int64
    ) -> Job {
        var payload: JSONObject = [
            "messageId": .string(message.messageID.rawValue), "content": draft.content.storedJSON(),
        ]
        payload["file"] = file.map { .string($0.row.name) }
        payload["quotedMessageId"] = quoted?.messageID.map(JSON.string)
        payload["quotedWhatsappMessageId"] = quoted?.whatsappMessageID.map(JSON.string)
        return Job(
            kind: .send, account: message.account, lane: lane(of: message.roomName), position: sequence,
            payload: .object(payload), runAt: now, createdAt: now)
    }

    static func lane(of room: RoomName) -> String { "send:\(room.rawValue)" }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["messageId"]?.string.map(MessageID.init(rawValue:)) else {
            return .giveUp(reason: "the job names no message")
        }
        guard let target = try await target(id, job) else { return .giveUp(reason: "the message is gone") }
        guard [.pending, .unknown].contains(target.message.status) else { return .done }
        var attempt = SendAttempt(job: job, message: target.message, wasInFlight: job.wasInFlight)
        if job.wasInFlight {
            try await outcomes.conclude(attempt, .unknown("the gateway stopped between the request and its answer"))
            return nil
        }
        if target.message.status == .unknown { return .done }
        guard let account = accounts.find(job.account), let token = account.token, let number = account.phoneNumberID
        else {
            // Another gateway on the same database may have it, or this one after its next start.
            return .pause(for: Self.credentialsPause, reason: "the account has no access token")
        }
        let content: OutgoingContent
        do throws(Unsendable) {
            content = try Self.content(of: job, target)
        } catch {
            try await outcomes.conclude(attempt, .fail(MetaError(code: nil, message: error.reason)))
            return nil
        }
        guard let recipient = target.recipient else {
            let error = MetaError(code: nil, message: "the contact has neither a number nor a user id")
            try await outcomes.conclude(attempt, .fail(error))
            return nil
        }
        if let wait = try await wait(for: job) { return wait }

        var mediaID: String?
        if case .media(let outgoing) = content {
            do {
                mediaID = try await media.graphID(of: job.payload["file"]?.string, outgoing, account, token, number)
            } catch let error as GraphError {
                try await outcomes.conclude(attempt, verdict(of: error))
                return nil
            }
        }
        do {
            guard try await queue.markInFlight(job) else { return nil }
        } catch let error as SQLError where error.isTransient {
            // Whether the note was stored can't be told; that nothing was sent is certain.
            try await outcomes.reopen(attempt, .pause(for: Self.outagePause, reason: "the database was away"))
            return nil
        }
        attempt.wasInFlight = true
        let body = content.graphBody(
            to: recipient, mediaID: mediaID, context: target.context, callbackData: id.rawValue)
        let start = ContinuousClock.now
        let verdict = await graph.send(body, phoneNumberID: number, token: token)
        counters.requestSeconds.observe(start.duration(to: .now))
        try await outcomes.conclude(attempt, verdict, of: content)
        return nil
    }

    private struct Unsendable: Error {
        let reason: String
    }

    /// What to send, a reaction with the wamid of its target.
    private static func content(of job: Job, _ target: Target) throws(Unsendable) -> OutgoingContent {
        let content: OutgoingContent
        do {
            content = try OutgoingContent(stored: job.payload["content"] ?? [:])
        } catch {
            throw Unsendable(reason: "the stored content can't be read: \(error.message)")
        }
        guard case .reaction(_, let emoji) = content else { return content }
        guard let reactedTo = target.context else {
            throw Unsendable(reason: "the message reacted to was not sent itself")
        }
        return .reaction(messageID: reactedTo, emoji: emoji)
    }

    private struct Target: Sendable {
        let message: Message
        let recipient: Recipient?
        /// The wamid that the message quotes or reacts to.
        let context: String?
    }

    private func target(_ id: MessageID, _ job: Job) async throws -> Target? {
        let quoted = job.payload["quotedMessageId"]?.string
        let known = job.payload["quotedWhatsappMessageId"]?.string
        return try await database.read { session in
            guard let message = try messages.find([id], session).first else { return nil }
            let contact = try Contact.find(message.contact, session)
            var context = known
            if context == nil, let quoted {
                context = try messages.find([MessageID(rawValue: quoted)], session).first?.whatsappMessageID
            }
            return Target(message: message, recipient: contact?.recipient, context: context)
        }
    }

    /// Keeps to Meta's limits before they are met.
    private func wait(for job: Job) async throws -> JobVerdict? {
        while true {
            let wait = limits.take(account: job.account, lane: job.lane, at: clock.now())
            if wait == 0 { return nil }
            if wait > Self.shortWait { return .pause(for: .milliseconds(wait), reason: "the send rate's limit") }
            try await Task.sleep(for: .milliseconds(wait))
        }
    }

    private func verdict(of error: GraphError) -> SendVerdict {
        let meta =
            if case .refused(let error, _) = error { error } else {
                MetaError(code: nil, message: "media upload: \(error.summary)")
            }
        return switch error.treatment {
        case .retry(let after): .retry(after: after, meta)
        case .pause(let scope, let wait): .pause(scope, for: wait, meta)
        case .fail: .fail(meta)
        }
    }
}
