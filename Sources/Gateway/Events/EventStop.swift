import Synchronization

/// Ends a subscription from outside: its listener is gone, or is to go.
package final class EventStop: Sendable {
    private struct State {
        var ending: EventEnding?
        var buffer: EventBuffer?
    }

    private let state = Mutex(State())

    package init() {}

    var ending: EventEnding? { state.withLock(\.ending) }

    package func end(_ ending: EventEnding) {
        let buffer = state.withLock { state in
            state.ending = state.ending ?? ending
            return state.buffer.take()
        }
        buffer?.end(ending)
    }

    func attach(_ buffer: EventBuffer) {
        let ending = state.withLock { state in
            if state.ending == nil { state.buffer = buffer }
            return state.ending
        }
        if let ending { buffer.end(ending) }
    }
}
