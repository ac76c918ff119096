import Synchronization

/// Tells whoever waits for a message's outcome that something happened to it. It carries no news itself: the waiter
/// reads the table again, so a notice that is lost costs half a second and no truth.
package final class OutcomeBoard: Sendable {
    private struct State {
        var watches: [MessageID: [Int: Signal]] = [:]
        var next = 0
    }

    /// One waiter's place; several may wait for one message.
    struct Watch {
        fileprivate let message: MessageID
        fileprivate let number: Int
        let signal: Signal
    }

    private let state = Mutex(State())

    /// Begins to watch a message: what is posted from now on raises the signal. End it with `end`.
    func watch(_ id: MessageID) -> Watch {
        let signal = Signal()
        let number = state.withLock { state in
            state.next += 1
            state.watches[id, default: [:]][state.next] = signal
            return state.next
        }
        return Watch(message: id, number: number, signal: signal)
    }

    func end(_ watch: Watch) {
        state.withLock { state in
            state.watches[watch.message]?[watch.number] = nil
            if state.watches[watch.message]?.isEmpty == true { state.watches[watch.message] = nil }
        }
    }

    func post(_ id: MessageID) {
        let signals = state.withLock { $0.watches[id].map { Array($0.values) } ?? [] }
        for signal in signals { signal.raise() }
    }
}
