import Synchronization

/// Tells whoever waits for a message's outcome that something happened to it. It carries no news itself: the waiter
/// reads the table again, so a notice that is lost costs half a second and no truth.
package final class OutcomeBoard: Sendable {
    private struct Entry {
        var version = 0
        var signal = Signal()
    }

    private let entries = Mutex<[MessageID: Entry]>([:])

    /// Begins to watch a message; take it before reading the table.
    func version(of id: MessageID) -> Int {
        entries.withLock { entries in
            if entries[id] == nil { entries[id] = Entry() }
            return entries[id]!.version
        }
    }

    func change(of id: MessageID, since version: Int, within limit: Duration) async {
        let signal = entries.withLock { entries -> Signal? in
            guard let entry = entries[id], entry.version == version else { return nil }
            return entry.signal
        }
        await signal?.wait(atMost: limit)
    }

    func forget(_ id: MessageID) { _ = entries.withLock { $0.removeValue(forKey: id) } }

    func post(_ id: MessageID) {
        let signal = entries.withLock { entries -> Signal? in
            guard entries[id] != nil else { return nil }
            entries[id]?.version += 1
            return entries[id]?.signal
        }
        signal?.raise()
    }
}
