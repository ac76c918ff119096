import Synchronization

/// Why a listener gets no more events.
package enum EventEnding: Sendable {
    case tooSlow, shutdown
    /// It has gone itself.
    case left
}

/// Where the hub leaves what one listener has not taken yet. The listener has the stream: once it lets go of that, the
/// buffer is given up.
final class EventBuffer: Sendable {
    static let size = 256

    private struct State {
        /// Events that were put in and not taken; below zero while one is both at once.
        var waiting = 0
        var end: (ending: EventEnding, at: ContinuousClock.Instant)?
    }

    private let filter: EventFilter
    private let continuation: AsyncStream<Event>.Continuation
    private let wake: EventSubscription.Wake?
    private let state = Mutex(State())

    var ending: EventEnding? { state.withLock { $0.end?.ending } }
    /// How long ago it took its last event.
    var age: Duration { state.withLock { $0.end.map { .now - $0.at } } ?? .zero }
    /// Whether there is nothing to take, and more may come.
    var isEmpty: Bool { state.withLock { $0.waiting <= 0 && $0.end == nil } }

    private init(
        _ filter: EventFilter, _ continuation: AsyncStream<Event>.Continuation, wake: EventSubscription.Wake?
    ) {
        self.filter = filter
        self.continuation = continuation
        self.wake = wake
    }

    /// - Parameters:
    ///   - wake: called when it is no longer empty, and for every event after that.
    ///   - onEnd: called once when nobody listens any more.
    static func make(
        _ filter: EventFilter, wake: EventSubscription.Wake?, onEnd: @escaping @Sendable () -> Void
    ) -> (buffer: EventBuffer, stream: AsyncStream<Event>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(size))
        continuation.onTermination = { _ in onEnd() }
        return (EventBuffer(filter, continuation, wake: wake), stream)
    }

    /// - Returns: false when the buffer is full.
    func take(_ event: Event) -> Bool {
        guard filter.accepts(event) else { return true }
        switch continuation.yield(event) {
        case .enqueued:
            state.withLock { $0.waiting += 1 }
            wake?()
            return true
        case .dropped: return false
        default: return true
        }
    }

    /// The listener has taken one event from the stream.
    func taken() { state.withLock { $0.waiting -= 1 } }

    /// What is in the buffer can still be taken.
    func end(_ ending: EventEnding) {
        state.withLock { $0.end = $0.end ?? (ending, .now) }
        continuation.finish()
        wake?()
    }
}
