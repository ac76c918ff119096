import Crypto
import Synchronization

/// What was acknowledged: for each sender in the order of its acknowledgements.
final class CrashLedger: Sendable {
    struct Counts: Sendable {
        var webhooks = 0
        var messages = 0
        /// Webhooks posted once more, since they had not been answered 200.
        var redelivered = 0
        /// Answers other than 200.
        var refused = 0
        /// Webhooks that nobody took in the end.
        var abandoned = 0
    }

    private struct State {
        var facts: [String: [CrashWebhook.Fact]] = [:]
        var bodies: Set<String> = []
        var counts = Counts()
    }

    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }
    var facts: [String: [CrashWebhook.Fact]] { state.withLock { $0.facts } }
    /// SHA-256 of each body, in hexadecimal.
    var bodies: Set<String> { state.withLock { $0.bodies } }

    func acknowledged(_ webhook: CrashWebhook, of sender: String) {
        let digest = Array(SHA256.hash(data: webhook.body)).hexadecimal
        state.withLock { state in
            state.facts[sender, default: []] += webhook.facts
            state.bodies.insert(digest)
            state.counts.webhooks += 1
            for case .message in webhook.facts { state.counts.messages += 1 }
        }
    }

    func abandoned() { state.withLock { $0.counts.abandoned += 1 } }

    /// - Parameter status: nil when there was no answer.
    func notAcknowledged(_ status: Int?) {
        state.withLock { state in
            state.counts.redelivered += 1
            if status != nil { state.counts.refused += 1 }
        }
    }
}

extension Sequence<UInt8> {
    var hexadecimal: String { map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
}
