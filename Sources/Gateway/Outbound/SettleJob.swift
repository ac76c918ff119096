import JSON
import SQL

/// What happens to a message whose outcome stayed unknown: a status settles it; after the grace time, the policy.
package enum UnknownSendPolicy: String, Sendable, CaseIterable {
    /// Reported as failed; it may have been delivered.
    case fail
    /// Sent again, twice at most; the customer may get it as often.
    case retry
}

struct SettleJob: JobHandler {
    let database: Database
    let messages: MessageStore
    let policy: UnknownSendPolicy
    let outcomes: OutcomeBoard
    let clock: Clock
    let wake: @Sendable () -> Void

    /// How often the policy sends one message again: somewhere on the way to Meta an answer may be lost every time.
    private static let resends: Int64 = 2

    static func job(for send: Job, _ message: Message, after grace: Duration, at now: Milliseconds) -> Job {
        Job(
            kind: .settle, account: send.account, lane: lane(of: message.messageID), position: 0,
            payload: [
                "messageId": .string(message.messageID.rawValue), "send": send.payload, "job": .string(send.id),
                "position": .integer(send.position), "lane": .string(send.lane),
            ], runAt: now + grace.milliseconds, createdAt: now)
    }

    /// Takes the settling of this very send back, as its outcome is known after all.
    /// - Returns: false when nothing of this send waits to be settled.
    static func withdraw(_ send: Job, _ message: Message, _ session: SQLSession) throws -> Bool {
        let rows = try session.query(
            "SELECT job_id, payload FROM jobs WHERE lane = $1", [.text(lane(of: message.messageID))])
        guard let row = try rows.first(where: { try $0.json("payload")?["job"]?.string == send.id }) else {
            return false
        }
        return try session.execute("DELETE FROM jobs WHERE job_id = $1", [row["job_id"]]) == 1
    }

    static func lane(of id: MessageID) -> String { "settle:\(id.rawValue)" }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.payload["messageId"]?.string.map(MessageID.init(rawValue:)), let send = job.payload["send"],
            let lane = job.payload["lane"]?.string, let position = job.payload["position"]?.int
        else { return .giveUp(reason: "the job names no message") }
        let now = clock.now()
        try await database.transaction { session in
            try messages.change(id, at: now, session) { message in
                guard message.status == .unknown else { return false }
                let resends = send["resends"]?.int ?? 0
                switch policy {
                case .retry where resends < Self.resends:
                    message.status = .pending
                    message.failure = nil
                    var payload = send.object ?? [:]
                    payload["resends"] = .integer(resends + 1)
                    let again = Job(
                        kind: .send, account: job.account, lane: lane, position: position, payload: .object(payload),
                        runAt: now, createdAt: now)
                    try JobQueue.insert([again], session)
                    return true
                case .fail, .retry:
                    return message.apply(StatusReport(status: .failed, timestamp: now, failure: message.failure))
                }
            }
            try JobQueue.finish(job, .done, at: now, session)
        }
        outcomes.post(id)
        if policy == .retry { wake() }
        return nil
    }
}
