import Synchronization

/// Tells all who wait for a message's outcome that something happened to it. It carries no news itself: the waiter
/// reads the table again, so a notice that is lost costs half a second and no truth.
package final class OutcomeBoard: Sendable {
    /// One waiter: a request under the same idempotency key may wait for the same message.
    struct Watch: Sendable {
        let id: MessageID
        let signal: Signal
    }

    private let watches = Mutex<[MessageID: [Signal]]>([:])

    /// Begins to watch a message; do it before reading the table, and end it with `end`.
    func watch(_ id: MessageID) -> Watch {
        let watch = Watch(id: id, signal: Signal())
        watches.withLock { $0[id, default: []].append(watch.signal) }
        return watch
    }

    func end(_ watch: Watch) {
        watches.withLock { watches in
            let left = watches[watch.id]?.filter { $0 !== watch.signal } ?? []
            watches[watch.id] = left.isEmpty ? nil : left
        }
    }

    func post(_ id: MessageID) {
        let signals = watches.withLock { $0[id] ?? [] }
        for signal in signals { signal.raise() }
    }
}
