/// A rate limit: `capacity` at once, then one each `interval`. Times are milliseconds of any one clock.
struct TokenBucket: Sendable {
    let capacity: Double
    let interval: Double
    private var tokens: Double
    private(set) var updatedAt: Milliseconds

    init(capacity: Int, interval: Double, at now: Milliseconds) {
        self.capacity = Double(capacity)
        self.interval = interval
        tokens = Double(capacity)
        updatedAt = now
    }

    /// Takes one token, or says how many milliseconds until there is one; then nothing is taken.
    mutating func take(at now: Milliseconds) -> Milliseconds {
        // A clock that was set back gives nothing and takes nothing.
        tokens = min(capacity, tokens + Double(max(0, now - updatedAt)) / interval)
        updatedAt = now
        if tokens >= 1 {
            tokens -= 1
            return 0
        }
        return Milliseconds(((1 - tokens) * interval).rounded(.up))
    }

    mutating func giveBack() { tokens = min(capacity, tokens + 1) }

    func isFull(at now: Milliseconds) -> Bool {
        tokens + Double(max(0, now - updatedAt)) / interval >= capacity
    }
}
