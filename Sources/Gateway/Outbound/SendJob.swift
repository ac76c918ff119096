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
    private static let limited = "the send rate's limit"
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

    /// Where jobs of a message may stand, each of which bears its id.
    static func lanes(of message: Message) -> [String] {
        [lane(of: message.roomName), SettleJob.lane(of: message.messageID), MediaFetch.lane(of: message.messageID)]
    }

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
        var upload: OutgoingUpload.Upload?
        if case .media = content {
            do {
                upload = try await media.upload(of: job.payload["file"]?.string, account, token, number)
            } catch let error as GraphError {
                try await outcomes.conclude(attempt, verdict(of: error))
                return nil
            }
        }
        if let wait = try await wait(for: job) { return wait }
        do {
            attempt.pairRefusals = try await begin(job, target.message.contact)
            attempt.wasInFlight = true
        } catch let hindrance as Hindrance {
            limits.giveBackNumber(job.account)
            return hindrance.verdict
        } catch let error as SQLError where error.isTransient {
            // Whether the note was stored can't be told; that nothing was sent is certain.
            limits.giveBackNumber(job.account)
            try await outcomes.reopen(attempt, .pause(for: Self.outagePause, reason: "the database was away"))
            return nil
        }
        let body = content.graphBody(
            to: recipient, mediaID: upload?.mediaID, context: target.context, callbackData: id.rawValue)
        let start = ContinuousClock.now
        let verdict = await graph.send(body, phoneNumberID: number, token: token)
        counters.requestSeconds.observe(start.duration(to: .now))
        if let upload, upload.isKept, case .fail(let error) = verdict, error.canMeanLostMedia {
            try await outcomes.uploadAgain(attempt, upload, error)
        } else {
            try await outcomes.conclude(attempt, verdict, of: content)
        }
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

    /// What keeps a send from going out now; nil when another holder has it.
    private struct Hindrance: Error {
        let verdict: JobVerdict?
    }

    /// Takes a place in the pair's limit and marks the job as in flight, both or neither.
    /// - Returns: how often Meta has refused messages to this customer since it last took one.
    private func begin(_ job: Job, _ contact: ContactID) async throws -> Int64 {
        let now = clock.now()
        return try await database.transaction { session in
            switch try SendLimit.pair(contact).take(at: now, session) {
            case .wait(let time): throw Hindrance(verdict: .pause(for: .milliseconds(time), reason: Self.limited))
            case .taken(let refusals):
                switch try queue.begin(job, at: now, session) {
                case nil: return refusals
                case .taken: throw Hindrance(verdict: nil)
                case .paused(let end):
                    throw Hindrance(
                        verdict: .pause(for: .milliseconds(max(0, end - now)), reason: "the account is paused"))
                }
            }
        }
    }

    /// Keeps to the number's limit before it is met.
    private func wait(for job: Job) async throws -> JobVerdict? {
        while true {
            let wait = try await limits.takeNumber(job.account)
            if wait == 0 { return nil }
            if wait > Self.shortWait { return .pause(for: .milliseconds(wait), reason: Self.limited) }
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
