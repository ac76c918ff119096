import Crypto
import Fetch
import JSON
import Logging
import Synchronization

/// Posts signed webhooks: collects updates, orders or disorders them, retries what is not answered 200.
///
/// Sixteen lanes run side by side. One customer's updates share a lane, so they arrive in order unless they are to be
/// shuffled or a POST failed: a retry waits beside the lane, and newer updates pass it, as at Meta.
final class WebhookDelivery: Sendable {
    struct Post: Sendable {
        let body: [UInt8]
        let labels: [String]
        let lane: Int
        /// The state's era at the time it was made.
        let era: Int
        var logID = 0
        var attempt = 0
    }

    struct Counts: Sendable {
        var pending = 0
        var delivered = 0
        var failedAttempts = 0
        var givenUp = 0
        /// Updates that went nowhere: no webhook set, not subscribed, or too many waiting.
        var dropped = 0
    }

    private struct State {
        var options = DeliveryOptions()
        var url: String?
        var override: String?
        var appSecret: String
        var verifyToken: String
        var subscribed = true
        var collected: [WebhookUpdate] = []
        var windowOpen = false
        var held: [Post] = []
        var counts = Counts()
        var log = DeliveryLog()
        var generator = SeededGenerator(seed: 1)
        var stopped = false
        /// Raised by `reset()`: what was under way before it counts no longer.
        var era = 0

        var target: String? { override ?? url }
    }

    private static let laneCount = 16
    /// Updates and POSTs that may wait at a time.
    static let pendingLimit = 200_000

    private let envelope: WebhookEnvelope
    private let fetch: FetchClient
    private let timers: Timers
    private let logger: Logger
    private let state: Mutex<State>
    private let lanes: [(stream: AsyncStream<Post>, continuation: AsyncStream<Post>.Continuation)]

    init(settings: SimulatorSettings, fetch: FetchClient, timers: Timers, logger: Logger) {
        envelope = WebhookEnvelope(
            businessAccountID: settings.businessAccountID, phoneNumberID: settings.phoneNumberID,
            displayPhoneNumber: settings.displayPhoneNumber)
        self.fetch = fetch
        self.timers = timers
        self.logger = logger
        state = Mutex(
            State(url: settings.webhookURL, appSecret: settings.appSecret, verifyToken: settings.verifyToken))
        // Bounded by `pendingLimit`, which is checked before anything gets here.
        lanes = (0..<Self.laneCount).map { _ in AsyncStream.makeStream(of: Post.self, bufferingPolicy: .unbounded) }
    }

    /// Runs the lanes until `stop()`.
    func run() async {
        await withDiscardingTaskGroup { group in
            for lane in lanes {
                group.addTask { [self] in
                    for await post in lane.stream { await handle(post) }
                }
            }
        }
    }

    func stop() {
        state.withLock { $0.stopped = true }
        for lane in lanes { lane.continuation.finish() }
    }

    // MARK: Where and how

    var url: String? { state.withLock { $0.target } }
    var overrideURL: String? { state.withLock { $0.override } }
    var isSubscribed: Bool { state.withLock { $0.subscribed } }
    var options: DeliveryOptions { state.withLock { $0.options } }
    var counts: Counts { state.withLock { $0.counts } }
    var verifyToken: String { state.withLock { $0.verifyToken } }

    func setURL(_ url: String?) { state.withLock { $0.url = url } }
    func setOverride(_ url: String?) { state.withLock { $0.override = url } }
    func setSubscribed(_ subscribed: Bool) { state.withLock { $0.subscribed = subscribed } }

    /// nil leaves a secret as it is.
    func setSecrets(appSecret: String?, verifyToken: String?) {
        state.withLock { state in
            if let appSecret { state.appSecret = appSecret }
            if let verifyToken { state.verifyToken = verifyToken }
        }
    }

    func setOptions(_ options: DeliveryOptions) {
        let released = state.withLock { state in
            if options.seed != state.options.seed { state.generator = SeededGenerator(seed: options.seed) }
            state.options = options
            guard !options.paused else { return [Post]() }
            defer { state.held = [] }
            return state.held
        }
        for post in released { lanes[post.lane].continuation.yield(post) }
        flush()
    }

    func log(after id: Int, limit: Int) -> [DeliveryLog.Entry] { state.withLock { $0.log.after(id, limit: limit) } }

    /// Forgets what waits, the log and the counts; address, secrets and options stay.
    func reset() {
        state.withLock { state in
            state.collected = []
            state.held = []
            state.counts = Counts()
            state.log.removeAll()
            state.era += 1
        }
    }

    // MARK: Updates

    func enqueue(_ update: WebhookUpdate) {
        let delay: Duration? = state.withLock { state in
            guard state.target != nil, state.subscribed, state.counts.pending < Self.pendingLimit else {
                state.counts.dropped += 1
                return nil
            }
            state.counts.pending += 1
            return state.options.delay
        }
        guard let delay else { return }
        let era = state.withLock { $0.era }
        timers.after(delay) { [self] in collect(update, era: era) }
    }

    private func collect(_ update: WebhookUpdate, era: Int) {
        enum Next { case nothing, wait(Duration), flush }
        let next: Next = state.withLock { state in
            guard state.era == era else { return .nothing }
            state.collected.append(update)
            let options = state.options
            if options.batch == 1 && !options.shuffle { return .flush }
            if !options.shuffle && state.collected.count >= options.batch { return .flush }
            if state.windowOpen { return .nothing }
            state.windowOpen = true
            return .wait(options.batchWindow)
        }
        switch next {
        case .nothing: break
        case .flush: flush()
        case .wait(let window): timers.after(window) { [self] in flush() }
        }
    }

    /// Makes POSTs of what has been collected.
    private func flush() {
        state.withLock { state in
            state.windowOpen = false
            guard !state.collected.isEmpty else { return }
            let options = state.options
            var updates = state.collected
            state.collected = []
            state.counts.pending -= updates.count
            if options.shuffle {
                // Copies are shuffled in too, so that they come at any time and in other company.
                updates = (0...options.duplicates).flatMap { _ in updates }
                updates.shuffle(using: &state.generator)
            }
            let copies = options.shuffle ? 0 : options.duplicates
            var rest = updates[...]
            while !rest.isEmpty {
                let chunk = rest.prefix(options.batch)
                rest = rest.dropFirst(options.batch)
                let lane = lane(of: chunk, options, &state.generator)
                let post = Post(
                    body: MetaEncoding.bytes(envelope.body(chunk)), labels: chunk.map(\.label), lane: lane,
                    era: state.era)
                for _ in 0...copies { yield(post, &state) }
            }
        }
    }

    private func lane(
        of chunk: ArraySlice<WebhookUpdate>, _ options: DeliveryOptions, _ generator: inout SeededGenerator
    ) -> Int {
        if options.shuffle { return Int.random(in: 0..<Self.laneCount, using: &generator) }
        // A batch mixes customers, so all batches share a lane to stay in order.
        if options.batch > 1 { return 0 }
        let hash = chunk.first?.lane.utf8.reduce(UInt64(14_695_981_039_346_656_037)) {
            ($0 ^ UInt64($1)) &* 1_099_511_628_211
        }
        return Int((hash ?? 0) % UInt64(Self.laneCount))
    }

    /// Under the lock, so that lanes get their POSTs in the order in which updates came.
    private func yield(_ post: Post, _ state: inout State) {
        guard !state.stopped else { return }
        var post = post
        if post.logID == 0 {
            post.logID = state.log.open(
                url: state.target ?? "", labels: post.labels, body: post.body, at: Moment.now)
        }
        state.counts.pending += 1
        lanes[post.lane].continuation.yield(post)
    }

    // MARK: Posting

    private func handle(_ post: Post) async {
        let (target, secret): (String?, String) = state.withLock { state in
            guard !state.stopped, state.era == post.era else { return (nil, "") }
            if state.options.paused {
                state.held.append(post)
                return (nil, "")
            }
            if state.target == nil {
                state.counts.pending -= 1
                state.counts.dropped += post.labels.count
            }
            return (state.target, state.appSecret)
        }
        guard let target else { return }
        let started = Moment.now
        let outcome = await send(post.body, to: target, signature: Self.signature(post.body, secret))
        let attempt = DeliveryLog.Attempt(
            at: started, status: outcome.status, milliseconds: Moment.now - started, problem: outcome.problem)
        let retry: (Duration, Post)? = state.withLock { state in
            guard state.era == post.era else { return nil }
            if outcome.status == 200 {
                state.counts.delivered += 1
                state.counts.pending -= 1
                state.log.note(post.logID, attempt, state: "delivered")
                return nil
            }
            state.counts.failedAttempts += 1
            guard post.attempt < state.options.retries else {
                state.counts.givenUp += 1
                state.counts.pending -= 1
                state.log.note(post.logID, attempt, state: "given up")
                return nil
            }
            state.log.note(post.logID, attempt, state: "retrying")
            var again = post
            again.attempt += 1
            return (state.options.gap(before: again.attempt), again)
        }
        guard let (gap, again) = retry else { return }
        timers.after(gap) { [self] in
            if state.withLock({ $0.era == again.era && !$0.stopped }) { lanes[again.lane].continuation.yield(again) }
        }
    }

    /// Posts any body once, without retries and log.
    /// - Parameter wrong: signs with another key.
    func postRaw(_ body: [UInt8], sign: Bool, wrong: Bool) async -> (answer: FetchResponse?, problem: String?) {
        let (target, secret) = state.withLock { ($0.target, $0.appSecret) }
        guard let target else { return (nil, "no webhook is set; PUT /sim/webhook sets it") }
        let signature = sign ? Self.signature(body, wrong ? "not-\(secret)" : secret) : nil
        let outcome = await send(body, to: target, signature: signature)
        return (outcome.answer, outcome.problem)
    }

    /// Makes the verification request as Meta does when an address is saved.
    /// - Returns: nil when the receiver agreed, else what was wrong.
    func verify(url: String, token: String) async -> String? {
        await WebhookCheck(fetch: fetch).problem(of: url, token: token)
    }

    private struct Outcome {
        var answer: FetchResponse?
        var problem: String?
        var status: Int? { answer?.status }
    }

    private func send(_ body: [UInt8], to url: String, signature: String?) async -> Outcome {
        var request = FetchRequest(method: "POST", url: url, body: .bytes(body))
        request.headers = [("Content-Type", "application/json")]
        if let signature { request.headers.append(("X-Hub-Signature-256", signature)) }
        request.timeout = .seconds(20)
        request.maxResponseBytes = 1 << 20
        do throws(FetchError) {
            let answer = try await fetch.send(request)
            return Outcome(answer: answer)
        } catch {
            logger.debug("webhook not answered", metadata: ["error": "\(error)"])
            return Outcome(problem: "\(error)")
        }
    }

    /// nil when there is no secret.
    static func signature(_ body: [UInt8], _ secret: String) -> String? {
        guard !secret.isEmpty else { return nil }
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
        return "sha256=" + Hex.text(code)
    }
}
