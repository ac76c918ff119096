import JSON
import SQL

/// A durable unit of work. Within a lane jobs run one at a time in the order of `position`; lanes run side by side.
struct Job: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case send = "send"
        case settle = "settle"
        case markRead = "mark_read"
        case fetchMedia = "fetch_media"
        case removeMedia = "remove_media"
        case redactEvents = "redact_events"
        case liveKit = "livekit"
        case deliverEvent = "deliver_event"

        /// Waits while Meta refuses the account or slows it down.
        var needsAccount: Bool { self == .send || self == .markRead }
    }

    let id: String
    let kind: Kind
    let account: AccountID
    let lane: String
    let position: Int64
    let payload: JSON
    /// Requests made so far, this claim not counted.
    var attempts = 0
    /// Times that a limit of Meta's, or a database out of reach, made it wait; not an attempt.
    var pauses = 0
    /// Runs that ended in an error which no handler foresaw.
    var failures = 0
    /// Grows with each claim; only the newest holder may end the job.
    var fence: Int64 = 0
    /// The last holder vanished between the request and its answer.
    var wasInFlight = false
    /// The account's, known to whoever claims the job.
    var plan = AccountPlan.standard
    var runAt: Milliseconds
    let createdAt: Milliseconds

    init(
        kind: Kind, account: AccountID, lane: String, position: Int64, payload: JSON, runAt: Milliseconds,
        createdAt: Milliseconds
    ) {
        id = TimeOrderedID.make(at: createdAt)
        self.kind = kind
        self.account = account
        self.lane = lane
        self.position = position
        self.payload = payload
        self.runAt = runAt
        self.createdAt = createdAt
    }

    /// - Returns: nil for a kind that this version does not know; such a job stays for one that does.
    init?(_ row: SQLRow) throws {
        guard let kind = Kind(rawValue: try row.text("kind")) else { return nil }
        self.kind = kind
        id = try row.text("job_id")
        account = AccountID(rawValue: try row.text("account_id"))
        lane = try row.text("lane")
        position = try row.integer("position")
        payload = try row.json("payload") ?? [:]
        attempts = Int(try row.integer("attempts"))
        pauses = Int(try row.integer("pauses"))
        failures = Int(try row.integer("failures"))
        fence = try row.integer("fence")
        wasInFlight = try row.bool("in_flight")
        runAt = try row.integer("run_at")
        createdAt = try row.integer("created_at")
    }
}

/// How a run of a job ended.
enum JobVerdict: Sendable, Hashable {
    case done
    /// Another try after this time; it counts as an attempt.
    case retry(after: Duration, reason: String)
    /// Something else holds the job back, a limit or an outage; it does not count as an attempt.
    case pause(for: Duration, reason: String)
    /// Never again; kept as a dead letter.
    case giveUp(reason: String)
}
