/// Tells a clock that was set from one that ran: how far it is from where it should stand after the time that went by.
struct ClockWatch: Sendable {
    private let clock: Clock
    private let elapsed: @Sendable () -> Duration
    private let start: Milliseconds

    /// - Parameter elapsed: time since some fixed moment, by a clock that nobody can set.
    init(_ clock: Clock, elapsed: @escaping @Sendable () -> Duration) {
        self.clock = clock
        self.elapsed = elapsed
        start = clock.now() - elapsed().milliseconds
    }

    init(_ clock: Clock) {
        let origin = ContinuousClock.now
        self.init(clock) { origin.duration(to: .now) }
    }

    /// How far the clock was set forward since the start, or back when negative.
    var drift: Milliseconds { clock.now() - elapsed().milliseconds - start }
}
