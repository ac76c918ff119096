import Synchronization

/// Who in this process listens to which channel of a database.
final class Notices: Sendable {
    private struct Listener {
        let channel: String
        let heard: @Sendable () -> Void
        /// Has it tell other processes what was committed in this one.
        let relay: (@Sendable () -> Void)?
        var isRelaying = false
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    /// - Returns: the listener's number.
    func add(
        _ channel: String, heard: @escaping @Sendable () -> Void, relay: (@Sendable () -> Void)? = nil
    ) -> Int {
        state.withLock { state in
            defer { state.next += 1 }
            state.listeners[state.next] = Listener(channel: channel, heard: heard, relay: relay)
            return state.next
        }
    }

    func remove(_ number: Int) {
        state.withLock { $0.listeners[number] = nil }
    }

    /// Notes whether this listener can tell others just now.
    func setRelaying(_ isRelaying: Bool, _ number: Int) {
        state.withLock { $0.listeners[number]?.isRelaying = isRelaying }
    }

    /// Whether a commit need not tell other processes itself.
    func isRelayed(_ channel: String) -> Bool {
        state.withLock { $0.listeners.values.contains { $0.isRelaying && $0.channel == channel } }
    }

    /// Called after a commit that notified these channels.
    func tell(_ channels: Set<String>) {
        let listeners = state.withLock { $0.listeners.values.filter { channels.contains($0.channel) } }
        for listener in listeners {
            listener.heard()
            listener.relay?()
        }
    }
}
