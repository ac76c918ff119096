import Synchronization

/// What the soak's writers got done.
final class SoakLedger: Sendable {
    struct Done: Sendable {
        /// Wamids of what was acknowledged.
        var received: Set<String> = []
        /// Our ids of what was taken for sending.
        var sent: Set<String> = []
        var reads = 0
        /// Answers to what should have been taken.
        var refusals: [String] = []
    }

    private let state = Mutex(Done())
    var done: Done { state.withLock { $0 } }

    func note<Value>(_ change: (inout Done) -> Value) { state.withLock { _ = change(&$0) } }
}
