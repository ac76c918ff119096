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

    private let filter: EventFilter
    private let continuation: AsyncStream<Event>.Continuation
    private let end = Mutex<(ending: EventEnding, at: ContinuousClock.Instant)?>(nil)

    var ending: EventEnding? { end.withLock { $0?.ending } }
    /// How long ago it took its last event.
    var age: Duration { end.withLock { $0.map { .now - $0.at } } ?? .zero }

    private init(_ filter: EventFilter, _ continuation: AsyncStream<Event>.Continuation) {
        self.filter = filter
        self.continuation = continuation
    }

    /// - Parameter onEnd: called once when nobody listens any more.
    static func make(
        _ filter: EventFilter, onEnd: @escaping @Sendable () -> Void
    ) -> (buffer: EventBuffer, stream: AsyncStream<Event>) {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self, bufferingPolicy: .bufferingOldest(size))
        continuation.onTermination = { _ in onEnd() }
        return (EventBuffer(filter, continuation), stream)
    }

    /// - Returns: false when the buffer is full.
    func take(_ event: Event) -> Bool {
        guard filter.accepts(event) else { return true }
        if case .dropped = continuation.yield(event) { return false }
        return true
    }

    /// What is in the buffer can still be taken.
    func end(_ ending: EventEnding) {
        end.withLock { $0 = $0 ?? (ending, .now) }
        continuation.finish()
    }
}
