import SQL

extension SendJob {
    /// The message says what is known: that it failed, or, when its request had gone out, that the outcome is unknown.
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {
        guard let id = job.messageID else { return }
        let now = clock.now()
        try messages.change(id, at: now, session) { message in
            guard message.status == .pending else { return false }
            guard isInFlight else {
                return message.apply(
                    StatusReport(status: .failed, timestamp: now, failure: MessageFailure(reason: reason)))
            }
            message.status = .unknown
            message.failure = MessageFailure(reason: "outcome unknown: \(reason)")
            try JobQueue.insert([SettleJob.job(for: job, message, after: outcomes.grace, at: now)], session)
            return true
        }
    }
}

extension SettleJob {
    /// What can't be settled is not left open for ever.
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {
        guard let id = job.messageID else { return }
        let now = clock.now()
        try messages.change(id, at: now, session) { message in
            guard message.status == .unknown else { return false }
            return message.apply(StatusReport(status: .failed, timestamp: now, failure: message.failure))
        }
    }
}
