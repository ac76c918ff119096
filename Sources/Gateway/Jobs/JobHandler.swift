import SQL

/// Does one kind of work.
protocol JobHandler: Sendable {
    /// - Returns: how it ended; nil when the handler ended the job in a transaction of its own.
    func run(_ job: Job) async throws -> JobVerdict?

    /// Says where the job was asked for that nothing more will come of it; in the transaction that sets it aside.
    /// - Parameter isInFlight: a request had gone out, and nothing is known of its answer.
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws
}

extension JobHandler {
    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {}
}

extension Job {
    /// The message that the job is about, for kinds that have one.
    var messageID: MessageID? { payload["messageId"]?.string.map(MessageID.init(rawValue:)) }
}
