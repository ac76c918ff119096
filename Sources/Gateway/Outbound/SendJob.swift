import JSON
import Logging
import SQL
import WhatsApp

/// Sends one message to Meta. In its lane (one room) it runs alone and in order; what Meta answered is stored in the
/// same transaction that ends the job.
struct SendJob: JobHandler {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let queue: JobQueue
    let graph: GraphClient
    let media: OutgoingUpload
    let limits: SendLimits
    let outcomes: OutcomeBoard
    let clock: Clock
    let grace: Duration
    let counters: SendMetrics
    let logger: Logger

    /// Requests in all, the first one counted.
    static let attempts = 3
    private static let credentialsPause: Duration = .seconds(60)
    /// The longest wait that is spent sleeping; a longer one gives the slot to another lane.
    private static let shortWait: Milliseconds = 500
    /// Between tries to store an outcome, doubled each time: half a minute in all.
    private static let shortestStorePause: Duration = .milliseconds(250)
    private static let longestStorePause: Duration = .seconds(16)

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
        guard let id = job.payload["messageId"]?.string.map(MessageID.init(rawValue:)),
            let stored = job.payload["content"]
        else { return .giveUp(reason: "the job names no message") }
        var content: OutgoingContent
        do {
            content = try OutgoingContent(stored: stored)
        } catch {
            return .giveUp(reason: "the stored content can't be read: \(error.message)")
        }
        guard let target = try await target(id, job) else { return .giveUp(reason: "the message is gone") }
        guard [.pending, .unknown].contains(target.message.status) else { return .done }
        if job.wasInFlight {
            return try await conclude(
                job, target.message, .unknown("the gateway stopped between the request and its answer"))
        }
        if target.message.status == .unknown { return .done }
        guard let account = accounts.find(job.account), let token = account.token, let number = account.phoneNumberID
        else {
            // Another gateway on the same database may have it, or this one after its next start.
            return .pause(for: Self.credentialsPause, reason: "the account has no access token")
        }
        guard let recipient = target.recipient else {
            return try await conclude(
                job, target.message,
                .fail(MetaError(code: nil, message: "the contact has neither a number nor a user id")))
        }
        if case .reaction(_, let emoji) = content {
            guard let reactedTo = target.context else {
                return try await conclude(
                    job, target.message,
                    .fail(MetaError(code: nil, message: "the message reacted to was not sent itself")))
            }
            content = .reaction(messageID: reactedTo, emoji: emoji)
        }
        if let wait = try await wait(for: job) { return wait }

        var mediaID: String?
        if case .media(let outgoing) = content {
            do {
                mediaID = try await media.graphID(of: job.payload["file"]?.string, outgoing, account, token, number)
            } catch let error as GraphError {
                return try await conclude(job, target.message, verdict(of: error))
            }
        }
        guard try await queue.markInFlight(job) else { return nil }
        let body = content.graphBody(
            to: recipient, mediaID: mediaID, context: target.context, callbackData: id.rawValue)
        let start = ContinuousClock.now
        let verdict = await graph.send(body, phoneNumberID: number, token: token)
        counters.requestSeconds.observe(start.duration(to: .now))
        return try await conclude(job, target.message, verdict, reaction: content)
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

    /// Stores what the attempt came to, and ends or re-opens the job with it.
    private func conclude(
        _ job: Job, _ message: Message, _ verdict: SendVerdict, reaction content: OutgoingContent? = nil
    ) async throws -> JobVerdict? {
        counters.count(verdict)
        let id = message.messageID
        switch verdict {
        case .sent(let receipt):
            let effects = SentEffects(messages: messages, now: clock.now())
            try await settle(
                job, id, .done, first: { session in try effects.prepare(for: receipt, of: message, session) },
                { message, session in
                    message.whatsappMessageID = message.whatsappMessageID ?? receipt.messageID
                    _ = message.apply(StatusReport(status: .sent, timestamp: effects.now, failure: nil))
                    try effects.apply(to: &message, content, session)
                })
        case .unknown(let reason):
            logger.warning("send outcome unknown", metadata: ["message.id": "\(id.rawValue)", "reason": "\(reason)"])
            try await settle(job, id, .done) { message, session in
                // A status that came in the meantime has settled it, or an earlier holder has done all this already.
                guard message.status == .pending else { return }
                message.status = .unknown
                message.failure = MessageFailure(reason: "outcome unknown: \(reason)")
                try JobQueue.insert([SettleJob.job(for: job, message, after: grace, at: clock.now())], session)
            }
        case .fail(let error):
            try await fail(job, id, error)
        case .retry(_, let error) where job.attempts + 1 >= Self.attempts:
            try await fail(job, id, error)
        case .retry(let after, let error):
            return .retry(after: after ?? Self.backoff(job.attempts), reason: error.summary)
        case .pause(.account, _, let error):
            try await accounts.pause(job.account, reason: error.summary)
            outcomes.post(id)
            return .pause(for: .zero, reason: error.summary)
        case .pause(.pair, let wait, let error):
            return .pause(for: wait ?? .seconds(min(3600, 1 << (2 * min(job.pauses, 6)))), reason: error.summary)
        case .pause(_, let wait, let error):
            let wait = wait ?? .seconds(60)
            try await accounts.slow(job.account, until: clock.now() + wait.milliseconds)
            return .pause(for: wait, reason: error.summary)
        }
        return nil
    }

    private func fail(_ job: Job, _ id: MessageID, _ error: MetaError) async throws {
        logger.info(
            "send failed",
            metadata: ["message.id": "\(id.rawValue)", "meta.code": "\(error.code.map(String.init) ?? "-")"])
        let report = StatusReport(status: .failed, timestamp: clock.now(), failure: MessageFailure(error))
        try await settle(job, id, .giveUp(reason: error.summary)) { message, _ in _ = message.apply(report) }
    }

    /// What Meta answered can't be asked for again: a database that is away for a moment is waited for.
    /// - Parameter first: what has to be done before the message's room is locked.
    private func settle(
        _ job: Job, _ id: MessageID, _ end: JobVerdict, first: @Sendable (SQLSession) throws -> Void = { _ in },
        _ change: @Sendable (inout Message, SQLSession) throws -> Void
    ) async throws {
        var pause = Self.shortestStorePause
        while true {
            do {
                try await store(job, id, end, first, change)
                break
            } catch let error as SQLError where error.isTransient && pause <= Self.longestStorePause {
                try await Task.sleep(for: pause)
                pause *= 2
            }
        }
        outcomes.post(id)
    }

    private func store(
        _ job: Job, _ id: MessageID, _ end: JobVerdict, _ first: @Sendable (SQLSession) throws -> Void,
        _ change: @Sendable (inout Message, SQLSession) throws -> Void
    ) async throws {
        let now = clock.now()
        try await database.transaction { session in
            try first(session)
            try messages.change(id, at: now, session) { message in
                let before = message
                try change(&message, session)
                return message != before
            }
            try JobQueue.finish(job, end, at: now, session)
        }
    }

    /// 2, 4, 8 … seconds, up to a quarter more or less.
    private static func backoff(_ attempts: Int) -> Duration {
        .milliseconds(Int(Double(2000 << min(attempts, 8)) * Double.random(in: 0.75...1.25)))
    }
}

/// What a send counts.
struct SendMetrics: Sendable {
    let metrics: Metrics
    let requestSeconds: Histogram

    init(_ metrics: Metrics) {
        self.metrics = metrics
        requestSeconds = metrics.histogram("vestibule_send_request_seconds", help: "Time of a send request to Meta.")
    }

    func count(_ verdict: SendVerdict) {
        let name =
            switch verdict {
            case .sent: "sent"
            case .retry: "retry"
            case .pause: "pause"
            case .fail: "fail"
            case .unknown: "unknown"
            }
        metrics.counter("vestibule_sends_total", help: "Send attempts by verdict.", labels: ["verdict": name])
            .increment()
    }
}
