import Fetch
import Foundation
import JSON
import Synchronization
import Testing

/// Customers who write and a business that answers, until it is told to stop. Each customer's webhooks come one after
/// the other, each again and again until it is taken, as Meta does it; each answer is submitted with an idempotency key
/// until it is accepted. So what is acknowledged is known by number, and its order with it.
final class FaultLoad: Sendable {
    /// What callers saw.
    struct Seen {
        /// Answers by status; 0 where the connection ended without one.
        var answers: [Int: Int] = [:]
        var longest: Duration = .zero
        /// Refusals that don't say when to try again.
        var withoutRetryAfter = 0

        var total: Int { answers.values.reduce(0, +) }
        var taken: Int { (answers[200] ?? 0) + (answers[202] ?? 0) }
        var refused: Int { answers[503] ?? 0 }
        /// As `812 × 200, 3 × 503`.
        var words: String {
            answers.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key == 0 ? "none" : String($0.key))" }
                .joined(separator: ", ")
        }
    }

    /// A message to a customer that was acknowledged.
    struct Accepted {
        let recipient: String
        let number: Int
        let messageID: String
    }

    private struct State {
        var isStopping = false
        var webhooks = Seen()
        var sends = Seen()
        var acknowledged: [String: Int] = [:]
        var accepted: [Accepted] = []
    }

    static let customers = (1...4).map { "1555010000\($0)" }
    static let recipients = (1...6).map { "1555010010\($0)" }
    /// The pair's limit lets 45 pass at once, and then one in six seconds.
    private static let quickSends = 40
    private static let slowPause = 6500

    private let site: Site
    /// In milliseconds: between two webhooks of a customer, and between two of a recipient's first messages.
    private let pauses: (webhook: Int, send: Int)
    private let state = Mutex(State())

    /// - Parameter outage: how many seconds the fault will last: in a long one everybody writes less often.
    init(_ site: Site, outage: Int) {
        self.site = site
        pauses = (webhook: max(20, 20 * outage / 15), send: max(200, (outage + 5) * 1000 / Self.quickSends))
    }

    var webhooks: Seen { state.withLock(\.webhooks) }
    var sends: Seen { state.withLock(\.sends) }
    var accepted: [Accepted] { state.withLock(\.accepted) }
    /// The wamids that were answered 200, for each customer in their order.
    var acknowledged: [String: [String]] {
        state.withLock { state in
            Dictionary(
                uniqueKeysWithValues: state.acknowledged.map { customer, count in
                    (customer, (1...max(1, count)).prefix(count).map { Self.wamid(customer, $0) })
                })
        }
    }

    static func wamid(_ customer: String, _ number: Int) -> String { "wamid.\(customer).\(number)" }
    static func text(_ recipient: String, _ number: Int) -> String { "answer \(number) to \(recipient)" }
    static func key(_ recipient: String, _ number: Int) -> String { "\(recipient).\(number)" }

    func stop() { state.withLock { $0.isStopping = true } }

    /// Lets each recipient write once, so that it may be written to, and waits until that is stored.
    func openWindows() async throws {
        for recipient in Self.recipients {
            let body = Webhooks.text("good day", id: Self.wamid(recipient, 1), from: recipient)
            try #require(try await site.postWebhook(body).status == 200)
            state.withLock { $0.acknowledged[recipient] = 1 }
        }
    }

    /// Returns when `stop` was called and all that was begun is acknowledged.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for customer in Self.customers { group.addTask { try await self.write(as: customer) } }
            for recipient in Self.recipients { group.addTask { try await self.answer(recipient) } }
            try await group.waitForAll()
        }
    }

    private var isStopping: Bool { state.withLock(\.isStopping) }

    private func write(as customer: String) async throws {
        var number = 0
        while !isStopping {
            number += 1
            let body = Webhooks.text("word \(number)", id: Self.wamid(customer, number), from: customer)
            try await untilTaken(\State.webhooks, by: [200]) { try await self.site.postWebhook(body) }
            state.withLock { $0.acknowledged[customer] = number }
            try await Task.sleep(for: .milliseconds(pauses.webhook))
        }
    }

    private func answer(_ recipient: String) async throws {
        var number = 0
        while !isStopping {
            number += 1
            let current = number
            let answer = try await untilTaken(\State.sends, by: [202]) {
                try await self.site.call(
                    "POST", "/rooms/whatsapp_\(recipient)/messages", ["text": .string(Self.text(recipient, current))],
                    headers: [("Idempotency-Key", Self.key(recipient, current))])
            }
            let id = try #require(answer["messageId"]?.string)
            let accepted = Accepted(recipient: recipient, number: number, messageID: id)
            state.withLock { $0.accepted.append(accepted) }
            let end = ContinuousClock.now + .milliseconds(number < Self.quickSends ? pauses.send : Self.slowPause)
            while !isStopping, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(50)) }
        }
    }

    /// Asks again and again, as long as the answer is none, or a refusal that asks for it.
    @discardableResult
    private func untilTaken(
        _ seen: any WritableKeyPath<State, Seen> & Sendable, by taken: Set<Int>,
        _ call: () async throws -> FetchResponse
    ) async throws -> JSON {
        try await eventually("it is taken", within: .seconds(120)) {
            let start = ContinuousClock.now
            // No answer is what a caller may see, too.
            let answer = try? await call()
            let time = ContinuousClock.now - start
            let status = answer?.status ?? 0
            state.withLock { state in
                state[keyPath: seen].answers[status, default: 0] += 1
                state[keyPath: seen].longest = max(state[keyPath: seen].longest, time)
                if status == 503, answer?.headers.first("Retry-After") == nil {
                    state[keyPath: seen].withoutRetryAfter += 1
                }
            }
            if let answer, taken.contains(status) { return answer.json }
            try #require(status == 0 || status == 503, "\(answer?.text ?? "")")
            try await Task.sleep(for: .milliseconds(100))
            return nil
        }
    }
}
