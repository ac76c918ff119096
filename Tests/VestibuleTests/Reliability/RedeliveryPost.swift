import Synchronization

/// Hands deliveries out in their order, and keeps what became of each webhook.
final class RedeliveryPost: Sendable {
    struct Way: Sendable {
        let body: [UInt8]
        let signature: String
        var deliveries = 0
        /// First sent.
        var sent: ContinuousClock.Instant?
        /// First answered with 200.
        var acknowledged: ContinuousClock.Instant?
    }

    private struct State {
        var ways: [Way]
        var next = 0
    }

    private let order: [Int]
    private let state: Mutex<State>

    init(_ bodies: [[UInt8]], in order: [Int], secret: String) {
        self.order = order
        state = Mutex(State(ways: bodies.map { Way(body: $0, signature: Site.signature(of: $0, secret: secret)) }))
    }

    var ways: [Way] { state.withLock { $0.ways } }

    func next() -> (index: Int, way: Way)? {
        state.withLock { state in
            guard state.next < order.count else { return nil }
            let index = order[state.next]
            state.next += 1
            state.ways[index].deliveries += 1
            state.ways[index].sent = state.ways[index].sent ?? .now
            return (index, state.ways[index])
        }
    }

    func acknowledged(_ index: Int) {
        let now = ContinuousClock.now
        state.withLock { $0.ways[index].acknowledged = min($0.ways[index].acknowledged ?? now, now) }
    }
}
