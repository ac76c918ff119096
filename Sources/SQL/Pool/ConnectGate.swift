import Synchronization

/// Keeps an outage from costing every caller a connect timeout: after a failed connect, one attempt every quarter
/// of a second goes through and the rest get that failure at once.
final class ConnectGate: Sendable {
    private struct Outage {
        let failure: SQLError
        var nextAttempt: ContinuousClock.Instant
    }

    private static let pause: Duration = .milliseconds(250)

    private let outage = Mutex<Outage?>(nil)
    private let attemptTimeout: Duration

    init(attemptTimeout: Duration) { self.attemptTimeout = attemptTimeout }

    func enter() throws(SQLError) {
        let now = ContinuousClock.now
        let failure: SQLError? = outage.withLock { outage in
            guard let current = outage else { return nil }
            if now < current.nextAttempt { return current.failure }
            outage?.nextAttempt = now + attemptTimeout
            return nil
        }
        if let failure { throw failure }
    }

    /// True when this ended an outage.
    func connected() -> Bool {
        outage.withLock { outage in
            defer { outage = nil }
            return outage != nil
        }
    }

    /// True when this began an outage.
    func failed(_ failure: SQLError) -> Bool {
        outage.withLock { outage in
            defer { outage = Outage(failure: failure, nextAttempt: .now + Self.pause) }
            return outage == nil
        }
    }
}
