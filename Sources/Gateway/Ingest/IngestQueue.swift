import Synchronization

/// Webhooks that wait for the writers, bounded in number and bytes. A writer takes all that has gathered while the
/// transactions before ran: the busier it is, the larger the batches, and nobody waits for a timer. Webhooks of one
/// customer are with one writer at a time, in the order of their arrival.
final class IngestQueue: Sendable {
    struct Entry: Sendable {
        let webhook: ReceivedWebhook
        let reach: WebhookReach
        /// Called once, after the commit or with what went wrong.
        let finish: @Sendable (Result<Void, GatewayError>) -> Void

        init(webhook: ReceivedWebhook, finish: @escaping @Sendable (Result<Void, GatewayError>) -> Void) {
            self.webhook = webhook
            reach = WebhookReach(webhook.webhook)
            self.finish = finish
        }

        fileprivate var items: Int { max(1, webhook.webhook.items.count) }
    }

    /// What a writer has in hand, until it is given back by `done`.
    struct Batch: Sendable {
        fileprivate(set) var entries: [Entry] = []
        fileprivate var customers: Set<Int> = []
        fileprivate var reachesEverybody = false
    }

    private struct Writer {
        let limit: Int
        let continuation: CheckedContinuation<Batch, Never>
    }

    private struct State {
        var waiting: [Entry] = []
        var items = 0
        var bytes = 0
        var isClosed = false
        var writers: [Writer] = []
        /// How many batches are in hand, and whom they reach.
        var batches = 0
        var customers: Set<Int> = []
        var reachesEverybody = false
        /// Fewer items than these are not worth a search for a further batch.
        var worthASearch = IngestQueue.worthABatch
    }

    private let state = Mutex(State())
    private let countLimit: Int
    private let byteLimit: Int

    /// A further transaction beside one that runs is for as many updates at least: fewer fare better in the next.
    static let worthABatch = 16

    init(countLimit: Int, byteLimit: Int = 64 << 20) {
        self.countLimit = countLimit
        self.byteLimit = byteLimit
    }

    var depth: Int { state.withLock { $0.waiting.count } }

    /// - Returns: false when the queue is full or closed; the entry is not taken then.
    func append(_ entry: Entry) -> Bool {
        let ready = state.withLock { state -> [(Writer, Batch)]? in
            guard !state.isClosed, state.waiting.count < countLimit, state.bytes < byteLimit else { return nil }
            state.waiting.append(entry)
            state.items += entry.items
            state.bytes += entry.webhook.body.count
            return Self.handOut(&state)
        }
        Self.resume(ready ?? [])
        return ready != nil
    }

    /// Waits for at least one entry and takes at most `items` updates' worth, always whole webhooks.
    /// - Returns: an empty batch once the queue is closed and nothing waits any more.
    func next(items limit: Int) async -> Batch {
        await withCheckedContinuation { continuation in
            let ready = state.withLock { state in
                state.writers.append(Writer(limit: limit, continuation: continuation))
                return Self.handOut(&state)
            }
            Self.resume(ready)
        }
    }

    /// Gives back what `next` handed out: others of its customers may be taken now.
    func done(_ batch: Batch) {
        let ready = state.withLock { state in
            state.batches -= 1
            state.customers.subtract(batch.customers)
            if batch.reachesEverybody { state.reachesEverybody = false }
            state.worthASearch = Self.worthABatch
            return Self.handOut(&state)
        }
        Self.resume(ready)
    }

    /// Takes nothing more; what waits is still handed out.
    func close() {
        let ready = state.withLock { state in
            state.isClosed = true
            return Self.handOut(&state)
        }
        Self.resume(ready)
    }

    private static func resume(_ ready: [(Writer, Batch)]) {
        for (writer, batch) in ready { writer.continuation.resume(returning: batch) }
    }

    /// What idle writers can begin with.
    private static func handOut(_ state: inout State) -> [(Writer, Batch)] {
        var ready: [(Writer, Batch)] = []
        while let writer = state.writers.last {
            let batch = take(writer.limit, from: &state)
            if batch.entries.isEmpty, !(state.isClosed && state.waiting.isEmpty) { break }
            ready.append((writer, batch))
            state.writers.removeLast()
        }
        return ready
    }

    private static func take(_ limit: Int, from state: inout State) -> Batch {
        let isFurther = state.batches > 0
        if isFurther, state.items < state.worthASearch || state.reachesEverybody { return Batch() }
        var batch = Batch()
        var rest: [Entry] = []
        var items = 0
        var bytes = 0
        // Whoever comes after one that has to wait and shares a customer with it waits as well.
        var held = state.customers
        for (index, entry) in state.waiting.enumerated() {
            if items > 0 && items + entry.items > limit || isFurther && entry.reach.isEverybody {
                rest += state.waiting[index...]
                break
            }
            if held.isDisjoint(with: entry.reach.customers) {
                batch.entries.append(entry)
                batch.customers.formUnion(entry.reach.customers)
                if entry.reach.isEverybody { batch.reachesEverybody = true }
                items += entry.items
                bytes += entry.webhook.body.count
            } else {
                held.formUnion(entry.reach.customers)
                rest.append(entry)
            }
        }
        guard !isFurther || items >= worthABatch else {
            state.worthASearch = state.items * 2
            return Batch()
        }
        state.waiting = rest
        state.items -= items
        state.bytes -= bytes
        guard !batch.entries.isEmpty else { return batch }
        state.batches += 1
        state.customers.formUnion(batch.customers)
        if batch.reachesEverybody { state.reachesEverybody = true }
        return batch
    }
}
