import Synchronization

/// Who in this process listens to which channel of a SQLite database.
final class LocalNotices: Sendable {
    private struct Listener {
        let channel: String
        let heard: @Sendable () -> Void
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// Calls `heard` at once and with each notice, until the task is cancelled.
    func listen(to channel: String, heard: @escaping @Sendable () -> Void) async {
        let id = state.withLock { state in
            defer { state.next += 1 }
            state.listeners[state.next] = Listener(channel: channel, heard: heard)
            return state.next
        }
        heard()
        // Only the cancellation ends it.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
        state.withLock { $0.listeners[id] = nil }
    }

    func tell(_ channels: Set<String>) {
        let listeners = state.withLock { $0.listeners.values.filter { channels.contains($0.channel) } }
        for listener in listeners { listener.heard() }
    }
}
