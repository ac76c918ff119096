import Synchronization

/// What the soak's writers got done.
final class SoakLedger: Sendable {
    struct Done: Sendable {
        /// Wamids of what customers wrote.
        var received: Set<String> = []
        /// Our ids of what was taken for sending.
        var sent: Set<String> = []
        /// What Meta got to send, as far as was looked.
        var arrived: [String] = []
        var lookedUpTo = 0
        var reads = 0
        /// Answers to what should have been taken.
        var refusals: [String] = []
    }

    private let state = Mutex(Done())
    var done: Done { state.withLock { $0 } }

    func note<Value>(_ change: (inout Done) -> Value) { state.withLock { _ = change(&$0) } }
}
