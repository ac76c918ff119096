import Synchronization

/// What clients got acknowledged: for each recipient in the order of its acknowledgements.
final class CrashSends: Sendable {
    struct Counts: Sendable {
        var acknowledged = 0
        /// Requests made once more with the same key, since there was no answer.
        var repeated = 0
        /// Answers that named no message.
        var refused = 0
        /// What nobody took in the end.
        var abandoned = 0
    }

    private struct State {
        var sent: [String: [String]] = [:]
        var silent: Set<String> = []
        var counts = Counts()
    }

    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }
    /// Message ids by recipient.
    var sent: [String: [String]] { state.withLock { $0.sent } }
    /// Recipients of whom Meta reports nothing.
    var silent: Set<String> { state.withLock { $0.silent } }

    func silent(_ phone: String) { state.withLock { _ = $0.silent.insert(phone) } }

    func acknowledged(_ id: String, key: String, to phone: String) {
        state.withLock { state in
            state.sent[phone, default: []].append(id)
            state.counts.acknowledged += 1
        }
    }

    func notAcknowledged(_ status: Int?) {
        state.withLock { state in
            if status == nil { state.counts.repeated += 1 } else { state.counts.refused += 1 }
        }
    }

    func abandoned() { state.withLock { $0.counts.abandoned += 1 } }

    /// Tries until it succeeds, for two minutes.
    func insist(_ call: () async throws -> Bool) async {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            // Whatever stood in the way is gone at one of the next tries.
            if (try? await call()) == true { return }
        }
        abandoned()
    }
}
