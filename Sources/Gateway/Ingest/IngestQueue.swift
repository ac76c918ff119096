import Synchronization

/// Webhooks that wait for the writer, bounded in number and bytes. The writer takes all that has gathered while its
/// last transaction ran: the busier it is, the larger the batches, and nobody waits for a timer.
final class IngestQueue: Sendable {
    struct Entry: Sendable {
        let webhook: ReceivedWebhook
        /// Called once, after the commit or with what went wrong.
        let finish: @Sendable (Result<Void, GatewayError>) -> Void
    }

    private struct State {
        var waiting: [Entry] = []
        var bytes = 0
        var writer: CheckedContinuation<Void, Never>?
        var isClosed = false
    }

    private let state = Mutex(State())
    private let countLimit: Int
    private let byteLimit: Int

    init(countLimit: Int, byteLimit: Int = 64 << 20) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    var depth: Int { state.withLock { $0.waiting.count } }

    /// - Returns: false when the queue is full or closed; the entry is not taken then.
    func append(_ entry: Entry) -> Bool {
        let (taken, writer) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            guard !state.isClosed, state.waiting.count < countLimit, state.bytes < byteLimit else {
                return (false, nil)
            }
            state.waiting.append(entry)
            state.bytes += entry.webhook.body.count
            return (true, state.writer.take())
        }
        writer?.resume()
        return taken
    }

    /// Waits for at least one entry and takes at most `items` updates' worth, always whole webhooks.
    /// - Returns: nothing once the queue is closed and empty.
    func next(items limit: Int) async -> [Entry] {
        while true {
            let batch = state.withLock { Self.take(limit, from: &$0) }
            if !batch.isEmpty { return batch }
            let ended = state.withLock(\.isClosed)
            if ended { return [] }
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.waiting.isEmpty, !state.isClosed {
                        state.writer = continuation
                        return false
                    }
                    return true
                }
                if ready { continuation.resume() }
            }
        }
    }

    private static func take(_ limit: Int, from state: inout State) -> [Entry] {
        var count = 0
        var items = 0
        for entry in state.waiting {
            items += max(1, entry.webhook.webhook.items.count)
            if count > 0, items > limit { break }
            count += 1
        }
        let batch = Array(state.waiting.prefix(count))
        state.waiting.removeFirst(count)
        state.bytes -= batch.reduce(0) { $0 + $1.webhook.body.count }
        return batch
    }

    /// Takes nothing more; what waits is still handed out.
    func close() {
        let writer = state.withLock { state in
            state.isClosed = true
            return state.writer.take()
        }
        writer?.resume()
    }
}
