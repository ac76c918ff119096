import Synchronization

/// Lets so many do something at a time; the others wait, in the order in which they came.
final class Turns: Sendable {
    private struct State {
        var free: Int
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let state: Mutex<State>
    private let waitingLimit: Int
    private let patience: Duration

    /// - Parameters:
    ///   - waitingLimit: whoever comes when so many wait is turned away.
    ///   - patience: whoever has waited longer when the turn comes is turned away.
    init(_ count: Int, waitingLimit: Int, patience: Duration) {
        state = Mutex(State(free: count))
        self.waitingLimit = waitingLimit
        self.patience = patience
    }

    /// - Throws: `.unavailable` for who is turned away; `CancellationError`.
    func take<Value>(_ body: () async throws -> Value) async throws -> Value {
        let deadline = ContinuousClock.now + patience
        let isTaken = await withCheckedContinuation { continuation in
            let now = state.withLock { state -> Bool? in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                guard state.waiting.count < waitingLimit else { return false }
                state.waiting.append(continuation)
                return nil
            }
            if let now { continuation.resume(returning: now) }
        }
        guard isTaken else { throw Self.busy }
        defer { giveBack() }
        try Task.checkCancellation()
        guard ContinuousClock.now < deadline else { throw Self.busy }
        return try await body()
    }

    private func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume(returning: true)
    }

    private static let busy = GatewayError(.unavailable, "too many files are being converted; try again")
}
