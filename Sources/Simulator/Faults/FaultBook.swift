import JSON
import Synchronization

/// The faults in force. The first rule that matches wins; at most 1,000 rules.
final class FaultBook: Sendable {
    private struct State {
        var rules: [FaultRule] = []
        var next = 1
        /// Messages whose first attempt was refused by number; forgotten when there are too many.
        var attempted: Set<String> = []
    }

    static let limit = 1_000
    private let state = Mutex(State())

    var rules: [FaultRule] { state.withLock { $0.rules } }

    /// - Returns: nil when there are too many rules already.
    func add(_ match: FaultRule.Match, _ action: FaultAction, times: Int, after: Int, source: JSON) -> FaultRule? {
        state.withLock { state in
            guard state.rules.count < Self.limit else { return nil }
            let rule = FaultRule(
                id: String(state.next), match: match, action: action, left: times < 0 ? nil : times, skip: after,
                source: source)
            state.next += 1
            state.rules.append(rule)
            return rule
        }
    }

    func remove(_ id: String) -> Bool {
        state.withLock { state in
            guard let index = state.rules.firstIndex(where: { $0.id == id }) else { return false }
            state.rules.remove(at: index)
            return true
        }
    }

    func removeAll() {
        state.withLock { state in
            state.rules = []
            state.attempted = []
        }
    }

    /// Does `work` unless a rule, or the recipient's number, says otherwise.
    func apply(
        to subject: FaultSubject, special: SpecialNumber?, work: () async -> Reply
    ) async -> Answer {
        if let action = take(subject) { return await action.perform(work) }
        guard let effect = special.flatMap({ self.effect(of: $0, subject) }) else { return .reply(await work()) }
        return await FaultAction(effect: effect).perform(work)
    }

    private func take(_ subject: FaultSubject) -> FaultAction? {
        state.withLock { state in
            for index in state.rules.indices
            where state.rules[index].left != 0 && state.rules[index].match.fits(subject) {
                if state.rules[index].skip > 0 {
                    state.rules[index].skip -= 1
                    continue
                }
                state.rules[index].hits += 1
                if let left = state.rules[index].left { state.rules[index].left = left - 1 }
                return state.rules[index].action
            }
            return nil
        }
    }

    private func effect(of number: SpecialNumber, _ subject: FaultSubject) -> FaultAction.Effect? {
        switch number {
        case .failsLater, .onlySent, .neverRead: return nil
        case .failsAtOnce(let code): return .error(GraphError(code: code), headers: [])
        case .badGateway: return .answer(Self.badGateway)
        case .resetBefore: return .reset(.before)
        case .resetAfter: return .reset(.after)
        case .silentAfter: return .silence(.after, .seconds(60))
        case .brokenAnswer: return .brokenJSON
        case .failsFirst:
            let isFirst = state.withLock { state in
                if state.attempted.count >= 10_000 { state.attempted = [] }
                return state.attempted.insert(subject.attemptKey).inserted
            }
            return isFirst ? .error(GraphError(code: 131000), headers: []) : nil
        }
    }

    static let badGateway = Reply(
        status: 502, headers: [("Content-Type", "text/html")],
        body: Array("<html><body><h1>502 Bad Gateway</h1></body></html>\n".utf8))
}
