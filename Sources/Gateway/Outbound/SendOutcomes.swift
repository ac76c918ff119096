import Logging
import SQL
import WhatsApp

/// One claim of a send job.
struct SendAttempt: Sendable {
    let job: Job
    /// As it stood when the attempt began.
    let message: Message
    /// Whether the job surely stood in flight, so that nobody else can have made a request.
    var wasInFlight: Bool
    /// How often Meta has refused messages to this customer since it last took one.
    var pairRefusals: Int64 = 0
}

/// Stores what an attempt to send came to, in the same transaction that ends or re-opens its job.
///
/// What Meta answered can't be asked for again, so a database that is away is waited for as long as the process lives.
struct SendOutcomes: Sendable {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let board: OutcomeBoard
    let clock: Clock
    let grace: Duration
    let counters: SendMetrics
    let logger: Logger

    /// Requests in all, the first one counted.
    private static let attempts = 3
    private static let shortestPause: Duration = .milliseconds(100)
    private static let longestPause: Duration = .seconds(1)
    /// How often a new holder of the job is waited for, a quarter of a second each time.
    private static let looks = 60

    /// What the request to send came to.
    /// - Parameter content: what was sent.
    func conclude(
        _ attempt: SendAttempt, _ verdict: SendVerdict, of content: OutgoingContent? = nil
    ) async throws {
        counters.count(verdict)
        switch verdict {
        case .sent(let receipt): try await sent(attempt, receipt, content)
        case .unknown(let reason): try await unknown(attempt, reason)
        case .fail(let error): try await fail(attempt, error)
        case .retry(_, let error) where attempt.job.attempts + 1 >= Self.attempts: try await fail(attempt, error)
        case .retry(let after, let error):
            try await reopen(
                attempt, .retry(after: after ?? Self.backoff(attempt.job.attempts), reason: error.summary))
        case .pause(let scope, let wait, let error): try await pause(attempt, scope, wait, error)
        }
    }

    private func sent(
        _ attempt: SendAttempt, _ receipt: SendReceipt, _ content: OutgoingContent?
    ) async throws {
        let effects = SentEffects(messages: messages, now: clock.now())
        try await settle(
            attempt, .done,
            first: { session in
                if attempt.pairRefusals > 0 { try SendLimit.pair(attempt.message.contact).accept(session) }
                try effects.prepare(for: receipt, of: attempt.message, session)
            },
            { message, session in
                message.whatsappMessageID = message.whatsappMessageID ?? receipt.messageID
                _ = message.apply(StatusReport(status: .sent, timestamp: effects.now, failure: nil))
                try effects.apply(to: &message, content, session)
            })
    }

    private func unknown(_ attempt: SendAttempt, _ reason: String) async throws {
        logger.warning(
            "send outcome unknown",
            metadata: ["message.id": "\(attempt.message.messageID.rawValue)", "reason": "\(reason)"])
        try await settle(attempt, .done) { message, session in
            // A status that came in the meantime has settled it, or an earlier holder has done all this already.
            guard message.status == .pending else { return }
            message.status = .unknown
            message.failure = MessageFailure(reason: "outcome unknown: \(reason)")
            try JobQueue.insert([SettleJob.job(for: attempt.job, message, after: grace, at: clock.now())], session)
        }
    }

    private func fail(_ attempt: SendAttempt, _ error: MetaError) async throws {
        logger.info(
            "send failed",
            metadata: [
                "message.id": "\(attempt.message.messageID.rawValue)",
                "meta.code": "\(error.code.map(String.init) ?? "-")",
            ])
        let report = StatusReport(status: .failed, timestamp: clock.now(), failure: MessageFailure(error))
        try await settle(attempt, .giveUp(reason: error.summary)) { message, _ in _ = message.apply(report) }
    }

    /// Meta refused the message, and may have done so because it dropped the file before its time: the next run uploads
    /// it anew. What is refused with a fresh upload is refused for good.
    func uploadAgain(_ attempt: SendAttempt, _ upload: OutgoingUpload.Upload, _ error: MetaError) async throws {
        logger.info(
            "media is uploaded again",
            metadata: [
                "message.id": "\(attempt.message.messageID.rawValue)",
                "meta.code": "\(error.code.map(String.init) ?? "-")",
            ])
        counters.count(.retry(after: .zero, error))
        try await reopen(attempt, .pause(for: .zero, reason: error.summary)) { session in
            try upload.content.forget(upload.mediaID, session)
        }
    }

    private func pause(
        _ attempt: SendAttempt, _ scope: PauseScope, _ wait: Duration?, _ error: MetaError
    ) async throws {
        switch scope {
        case .account:
            let pause = AccountPause(account: attempt.job.account, failure: MessageFailure(error), at: clock.now())
            try await reopen(attempt, .pause(for: .zero, reason: error.summary)) { session in
                _ = try pause.store(session)
            }
            accounts.report(pause)
        case .pair:
            // Meta's own advice is 4 to the power of n seconds; the lane waits behind the job.
            let limit = SendLimit.pair(attempt.message.contact)
            let wait = wait ?? .seconds(min(3600, 1 << (2 * min(attempt.pairRefusals, 6))))
            try await reopen(attempt, .pause(for: wait, reason: error.summary)) { session in
                try limit.refuse(attempt.pairRefusals + 1, at: clock.now(), session)
            }
        case .number, .app:
            let wait = wait ?? .seconds(60)
            let end = clock.now() + wait.milliseconds
            try await reopen(attempt, .pause(for: wait, reason: error.summary)) { session in
                try AccountDirectory.slow(attempt.job.account, until: end, session)
            }
        }
    }

    /// Ends the job and changes its message. What came of a request is stored whoever holds the job by now; without a
    /// request of this attempt a new holder's word counts.
    /// - Parameter first: what has to be done before the message's room is locked.
    private func settle(
        _ attempt: SendAttempt, _ end: JobVerdict, first: @Sendable (SQLSession) throws -> Void = { _ in },
        _ change: @Sendable (inout Message, SQLSession) throws -> Void
    ) async throws {
        try await untilStored { session in
            let now = clock.now()
            try first(session)
            try messages.change(attempt.message.messageID, at: now, session) { message in
                guard try attempt.wasInFlight || JobQueue.isHeld(attempt.job, session) else { return false }
                let before = message
                try change(&message, session)
                return message != before
            }
            try JobQueue.finish(attempt.job, end, at: now, session)
        }
        board.post(attempt.message.messageID)
    }

    /// Puts a job back whose message surely was not sent. Where the lease ran out in the meantime, its new holder found
    /// it in flight and takes the message for one whose answer was lost: that is taken back.
    /// - Parameter note: stored in the same transaction.
    func reopen(
        _ attempt: SendAttempt, _ verdict: JobVerdict, note: @Sendable (SQLSession) throws -> Void = { _ in }
    ) async throws {
        for look in 0..<Self.looks {
            let isDecided = try await untilStored { session in
                let now = clock.now()
                if look == 0 { try note(session) }
                if try JobQueue.isHeld(attempt.job, session) {
                    try JobQueue.finish(attempt.job, verdict, at: now, session)
                    return true
                }
                return try !attempt.wasInFlight || withdraw(attempt, verdict, at: now, session)
            }
            if isDecided { break }
            try await Task.sleep(for: .milliseconds(250))
        }
        board.post(attempt.message.messageID)
    }

    /// - Returns: false while the new holder has not come to a conclusion.
    private func withdraw(
        _ attempt: SendAttempt, _ verdict: JobVerdict, at now: Milliseconds, _ session: SQLSession
    ) throws -> Bool {
        var isDecided = true
        try messages.change(attempt.message.messageID, at: now, session) { message in
            if message.status == .pending {
                isDecided = try !JobQueue.isInFlight(attempt.job.id, session)
                return false
            }
            guard message.status == .unknown, try SettleJob.withdraw(attempt.job, message, session) else {
                return false
            }
            message.status = .pending
            message.failure = nil
            try JobQueue.insertAgain(attempt.job, verdict, at: now, session)
            return true
        }
        return isDecided
    }

    private func untilStored<Value: Sendable>(
        _ body: @Sendable (SQLSession) throws -> Value
    ) async throws -> Value {
        var pause = Self.shortestPause
        while true {
            do {
                return try await database.transaction(body)
            } catch let error as SQLError where error.isTransient {
                try await Task.sleep(for: pause)
                pause = min(pause * 2, Self.longestPause)
            }
        }
    }

    /// 2, 4, 8 … seconds, up to a quarter more or less.
    private static func backoff(_ attempts: Int) -> Duration {
        .milliseconds(Int(Double(2000 << min(attempts, 8)) * Double.random(in: 0.75...1.25)))
    }
}
