import Synchronization

/// Wakes the long polls when something new has happened. At most 1,000 listen at a time.
final class Bell: Sendable {
    struct Subscription {
        let id: UInt64
        let rings: AsyncStream<Void>
    }

    private struct State {
        var next: UInt64 = 0
        var listeners: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var closed = false
    }

    static let limit = 1_000
    private let state = Mutex(State())

    /// - Returns: nil when too many listen already.
    func subscribe() -> Subscription? {
        state.withLock { state in
            guard state.listeners.count < Self.limit else { return nil }
            let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            if state.closed { continuation.finish() }
            state.next += 1
            state.listeners[state.next] = continuation
            return Subscription(id: state.next, rings: stream)
        }
    }

    /// Ends the listener's stream; harmless when it has ended.
    func unsubscribe(_ id: UInt64) {
        state.withLock { $0.listeners.removeValue(forKey: id) }?.finish()
    }

    func ring() {
        state.withLock { state in
            for listener in state.listeners.values { listener.yield() }
        }
    }

    func close() {
        state.withLock { state in
            state.closed = true
            for listener in state.listeners.values { listener.finish() }
        }
    }
}
