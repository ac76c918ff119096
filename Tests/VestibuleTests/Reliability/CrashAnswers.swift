import Fetch
import Synchronization

/// What callers saw of the gateways.
final class CrashAnswers: Sendable {
    struct Seen: Sendable {
        /// Answers by status; 0 for none.
        var byStatus: [Int: Int] = [:]
        var longest: Duration = .zero
        /// Refusals that don't say when to try again.
        var withoutRetryAfter = 0

        /// As `812 × 200, 3 × 503`.
        var words: String {
            byStatus.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key == 0 ? "none" : String($0.key))" }
                .joined(separator: ", ")
        }
    }

    private struct State {
        var webhooks = Seen()
        var sends = Seen()
    }

    private let state = Mutex(State())

    var webhooks: Seen { state.withLock(\.webhooks) }
    var sends: Seen { state.withLock(\.sends) }

    /// - Parameter answer: nil when there was none.
    func add(_ answer: FetchResponse?, to path: String, after time: Duration) {
        state.withLock { state in
            if path == "/whatsapp/webhook" {
                state.webhooks.add(answer, after: time)
            } else {
                state.sends.add(answer, after: time)
            }
        }
    }
}

extension CrashAnswers.Seen {
    fileprivate mutating func add(_ answer: FetchResponse?, after time: Duration) {
        byStatus[answer?.status ?? 0, default: 0] += 1
        longest = max(longest, time)
        if answer?.status == 503, answer?.headers.first("Retry-After") == nil { withoutRetryAfter += 1 }
    }
}
