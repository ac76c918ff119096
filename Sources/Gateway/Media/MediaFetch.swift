import JSON
import Logging
import SQL
import WhatsApp

/// Fetches what a customer sent, as `MediaReception` says: address from Graph, bytes to a temporary file, checks, then
/// the store and the message.
struct MediaFetch: JobHandler {
    let database: Database
    let accounts: AccountDirectory
    let messages: MessageStore
    let store: MediaStore
    let graph: GraphClient
    let budget: LookupBudget
    let clock: Clock
    let counters: MediaMetrics
    let logger: Logger

    /// A file that is fetched, and who may fetch it.
    private struct Order {
        let message: Message
        let kind: MediaKind
        let graphID: String
        let token: Secret
        let phoneNumberID: String
    }

    /// - Returns: nil for a message that has no media to fetch.
    static func job(for message: Message, at now: Milliseconds) -> Job? {
        guard message.media.status == .pending else { return nil }
        return Job(
            kind: .fetchMedia, account: message.account, lane: lane(of: message.messageID), position: 0,
            payload: ["messageId": .string(message.messageID.rawValue)], runAt: now, createdAt: now)
    }

    static func lane(of id: MessageID) -> String { "media:\(id.rawValue)" }

    func run(_ job: Job) async throws -> JobVerdict? {
        guard let id = job.messageID else { return .giveUp(reason: "the job names no message") }
        guard let message = try await database.read({ session in try messages.find([id], session).first }),
            message.media.status == .pending, let graphID = message.media.graphID,
            let kind = message.media.kind.flatMap(MediaKind.init(rawValue:))
        else { return .done }
        var reception = MediaReception(
            kind: kind, limit: store.rules.limit(of: kind), announced: message.media.sha256, attempts: job.attempts,
            pauses: job.pauses, receivedAt: message.createdAt)
        guard let account = accounts.find(job.account), let token = account.token, let number = account.phoneNumberID
        else { return try await perform(reception.hasNoToken(at: clock.now()), job, id) }
        let order = Order(message: message, kind: kind, graphID: graphID, token: token, phoneNumberID: number)
        return try await fetch(order, &reception, job)
    }

    private func fetch(_ order: Order, _ reception: inout MediaReception, _ job: Job) async throws -> JobVerdict? {
        let temporary = store.temporaryPath()
        defer { store.discard(temporary) }
        let id = order.message.messageID
        var step = MediaReception.Step.describe
        while true {
            do {
                switch step {
                case .describe:
                    switch try await describe(order) {
                    case .found(let info): step = reception.described(info)
                    case .held(let wait):
                        counters.held.increment()
                        logger.notice(
                            "media waits: too many lookups failed within the hour",
                            metadata: ["account": "\(job.account.rawValue)", "job.id": "\(job.id)"])
                        step = reception.overBudget(.milliseconds(wait), at: clock.now())
                    }
                case .describeAgain(let wait):
                    try await Task.sleep(for: wait)
                    step = .describe
                case .download(let url):
                    // Nothing is left there of a file that was not the one announced.
                    store.discard(temporary)
                    let download = try await graph.downloadMedia(
                        url: url, token: order.token, to: temporary, limit: store.rules.limit(of: order.kind))
                    step = reception.downloaded(sha256: download.sha256, size: download.size)
                case .store(let sha256, let size):
                    let row = try await store.adopt(
                        temporary, kind: order.kind, sha256: sha256, size: size,
                        originalName: order.message.media.fileName, account: order.message.account, isSending: false)
                    if try await end(job, id, .ready(row)) {
                        counters.received(order.kind, row.size)
                    } else {
                        await store.forget(name: row.name)
                    }
                    return nil
                case .end:
                    // Whoever sees the outcome finds nothing left of a file that was refused.
                    store.discard(temporary)
                    return try await perform(step, job, id)
                }
            } catch {
                step = try reception.failed(error, at: clock.now())
            }
        }
    }

    private enum Lookup {
        case found(MediaInfo)
        /// Not asked: the account's budget of errors is spent, for so long.
        case held(Milliseconds)
    }

    private func describe(_ order: Order) async throws -> Lookup {
        try store.rules.checkKind(order.kind)
        try await store.checkIntake()
        let slot: LookupBudget.Slot
        switch try await budget.take(order.message.account) {
        case .taken(let taken): slot = taken
        case .wait(let time): return .held(time)
        }
        let info: MediaInfo
        do throws(GraphError) {
            info = try await graph.media(id: order.graphID, phoneNumberID: order.phoneNumberID, token: order.token)
        } catch {
            if error.mayCount { try await budget.keep(slot) } else { try await budget.giveBack(slot) }
            throw error
        }
        try await budget.giveBack(slot)
        return .found(info)
    }

    private func perform(_ step: MediaReception.Step, _ job: Job, _ id: MessageID) async throws -> JobVerdict? {
        guard case .end(let end) = step else { return nil }
        switch end {
        case .later(let verdict): return verdict
        case .accountRefused(let failure, let verdict):
            try await accounts.pause(job.account, failure)
            return verdict
        case .rejected(let reason): try await refuse(job, id, .rejected(reason), reason)
        case .expired(let reason): try await refuse(job, id, .expired(reason), reason)
        }
        return nil
    }

    private func refuse(_ job: Job, _ id: MessageID, _ ending: MediaEnding, _ reason: String) async throws {
        logger.info(
            "media not taken", metadata: ["message.id": "\(id.rawValue)", "job.id": "\(job.id)", "reason": "\(reason)"])
        counters.rejected.increment()
        try await end(job, id, ending)
    }

    /// - Returns: false when the message is gone, or another gateway was faster.
    @discardableResult
    private func end(_ job: Job, _ id: MessageID, _ ending: MediaEnding) async throws -> Bool {
        let now = clock.now()
        // What was refused would be refused again; what could not be had may be there another time.
        let verdict =
            if case .expired(let reason) = ending { JobVerdict.giveUp(reason: reason) } else { JobVerdict.done }
        return try await database.transaction { session in
            let isEnded = try change(id, ending, at: now, session)
            _ = try JobQueue.finish(job, verdict, at: now, session)
            return isEnded
        }
    }

    /// - Returns: whether the message was still waiting for its file.
    private func change(
        _ id: MessageID, _ ending: MediaEnding, at now: Milliseconds, _ session: SQLSession
    ) throws -> Bool {
        var isEnded = false
        try messages.change(id, at: now, session) { message in
            isEnded = message.end(ending)
            return isEnded
        }
        return isEnded
    }

    func abandon(_ job: Job, reason: String, isInFlight: Bool, _ session: SQLSession) throws {
        guard let id = job.messageID else { return }
        _ = try change(id, .expired(reason), at: clock.now(), session)
    }
}

/// What the media path counts.
struct MediaMetrics: Sendable {
    let metrics: Metrics
    let rejected: Counter
    let held: Counter

    init(_ metrics: Metrics) {
        self.metrics = metrics
        rejected = metrics.counter("vestibule_media_rejected_total", help: "Received files that were not taken.")
        held = metrics.counter(
            "vestibule_media_held_total", help: "Received files set back because too many lookups had failed.")
    }

    func received(_ kind: MediaKind, _ size: Int64) {
        metrics.counter(
            "vestibule_media_received_total", help: "Received files stored.", labels: ["kind": kind.rawValue]
        ).increment()
        metrics.counter("vestibule_media_received_bytes_total", help: "Bytes of received files.").increment(
            by: Int(size))
    }
}
