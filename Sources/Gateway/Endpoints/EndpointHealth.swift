import SQL

/// How an endpoint fares. One that takes nothing for a while is left alone, longer and longer, and then tried with one
/// delivery; with the first that it takes all the others go on. So an endpoint that hangs keeps nobody else's deliveries
/// waiting, and one that is back is noticed within minutes.
struct EndpointHealth: Sendable, Hashable {
    /// Before an event's second try, its third, and so on, while the endpoint takes others; about three days in all.
    static let waits: [Duration] = [
        .seconds(5), .seconds(30), .seconds(120), .seconds(600), .seconds(1800), .seconds(3600), .seconds(7200),
        .seconds(14_400), .seconds(28_800), .seconds(43_200), .seconds(43_200), .seconds(57_600),
    ]
    /// An endpoint that takes nothing for this long is disabled, and an event given up that fails for this long.
    static let patience: Milliseconds = 3 * .day
    /// Tries that an event gets at least.
    private static let tries = 10
    /// So long failures may be chance.
    private static let tolerance: Milliseconds = 10 * .second
    private static let shortestRest: Milliseconds = 5 * .second
    private static let longestRest: Milliseconds = 5 * .minute

    /// Since when it has taken nothing; nil when the last delivery went well.
    private(set) var failingSince: Milliseconds?
    /// Until then it is left alone; nil while it is not.
    private(set) var retryAt: Milliseconds?

    init(failingSince: Milliseconds? = nil, retryAt: Milliseconds? = nil) {
        self.failingSince = failingSince
        self.retryAt = retryAt
    }

    /// Whether an event is not tried again after so many tries, the first of which was due then.
    static func isLast(_ tries: Int, at now: Milliseconds, since start: Milliseconds) -> Bool {
        tries >= Self.tries && now - start >= patience
    }

    /// - Parameter tries: of the event.
    static func wait(after tries: Int) -> Duration {
        let wait = waits[min(tries, waits.count) - 1]
        return wait + wait * Double.random(in: 0...0.1)
    }

    /// How much longer than the endpoint's rest a delivery waits that was tried before. Those that were not go first, the
    /// events among them that are no jobs yet (`EndpointDispatch.poll`), so that one which is never taken can't have every
    /// try for itself; two such have no fixed order.
    static func turn() -> Duration { .milliseconds(Int.random(in: 3000...6000)) }

    enum Consequence: Sendable, Hashable {
        case retry(after: Duration)
        /// The endpoint takes others: it is this event.
        case giveUp
        case disable
    }

    /// Takes in that a delivery failed.
    /// - Parameters:
    ///   - tries: of this event, this one included.
    ///   - start: when the event was first due.
    mutating func fail(at now: Milliseconds, tries: Int, since start: Milliseconds) -> Consequence {
        let since = failingSince ?? now
        failingSince = since
        let age = now - since
        if age >= Self.patience { return .disable }
        if retryAt != nil || age >= Self.tolerance {
            let rest = min(max(age / 4, Self.shortestRest), Self.longestRest)
            retryAt = now + rest
            return .retry(after: .milliseconds(rest))
        }
        if Self.isLast(tries, at: now, since: start) { return .giveUp }
        return .retry(after: Self.wait(after: tries))
    }
}
