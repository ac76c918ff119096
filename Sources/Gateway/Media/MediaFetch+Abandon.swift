import SQL

extension MediaFetch {
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {
        guard let id = job.messageID else { return }
        try messages.change(id, at: clock.now(), session) { message in
            guard message.media.status == .pending else { return false }
            message.media.status = .expired
            message.media.reason = reason
            return true
        }
    }
}
