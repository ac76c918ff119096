import Synchronization

/// Meta's two limits, kept so that they are not run into: messages a second of a number, and the pair's burst of 45
/// and then one in six seconds.
final class SendLimits: Sendable {
    private struct State {
        var numbers: [AccountID: TokenBucket] = [:]
        var pairs: [String: TokenBucket] = [:]
    }

    private static let pairBurst = 45
    private static let pairInterval = 6000.0
    private static let pairsKept = 10_000

    private let perSecond: Int
    private let state = Mutex(State())

    init(perSecond: Int) { self.perSecond = perSecond }

    /// Takes a place in both limits, or says how many milliseconds to wait; then none is taken.
    func take(account: AccountID, lane: String, at now: Milliseconds) -> Milliseconds {
        state.withLock { state in
            var pair =
                state.pairs[lane] ?? TokenBucket(capacity: Self.pairBurst, interval: Self.pairInterval, at: now)
            let pairWait = pair.take(at: now)
            if pairWait > 0 { return pairWait }
            var number =
                state.numbers[account] ?? TokenBucket(capacity: perSecond, interval: 1000 / Double(perSecond), at: now)
            let numberWait = number.take(at: now)
            if numberWait > 0 { pair.giveBack() }
            state.numbers[account] = number
            state.pairs[lane] = pair
            if state.pairs.count > Self.pairsKept {
                // A full bucket is what a new one would be.
                state.pairs = state.pairs.filter { !$0.value.isFull(at: now) }
            }
            return numberWait
        }
    }
}
