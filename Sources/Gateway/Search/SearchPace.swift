/// How long the index rests after a step. A database that is busy with webhooks is left to them: the index then takes
/// a small share of the time, and a larger one once it is a minute behind.
struct SearchPace {
    /// Fewer events a second than these are no load.
    private static let calm = 200.0
    private static let latest: Milliseconds = 60_000
    private static let longestRest: Duration = .seconds(5)

    private var last: (position: Int64, at: ContinuousClock.Instant)?
    private(set) var eventsPerSecond = 0.0

    /// Notes how many events there are by now.
    mutating func look(_ position: Int64, at now: ContinuousClock.Instant) {
        guard let last else {
            self.last = (position, now)
            return
        }
        let seconds = (now - last.at) / .seconds(1)
        // Shorter times tell little.
        guard seconds >= 0.2 else { return }
        eventsPerSecond = Double(position - last.position) / seconds
        self.last = (position, now)
    }

    /// - Parameters:
    ///   - step: how long it took.
    ///   - age: of the oldest event that is not in the index.
    func rest(after step: Duration, age: Milliseconds) -> Duration {
        let factor =
            if eventsPerSecond < Self.calm { 1.0 } else if age < Self.latest { 50.0 } else { 3.0 }
        return min(step * factor, Self.longestRest)
    }
}
