import Synchronization

/// Lets any number of tasks wait for the port to be open.
final class Readiness: Sendable {
    private enum State {
        case waiting([CheckedContinuation<Int, any Error>])
        case open(Int)
        case ended
    }

    private let state = Mutex(State.waiting([]))

    func wait() async throws -> Int {
        try await withCheckedThrowingContinuation { continuation in
            let outcome: Result<Int, any Error>? = state.withLock { state in
                switch state {
                case .waiting(let others):
                    state = .waiting(others + [continuation])
                    return nil
                case .open(let port): return .success(port)
                case .ended: return .failure(SimulatorStopped())
                }
            }
            if let outcome { continuation.resume(with: outcome) }
        }
    }

    func open(port: Int) {
        for waiter in replace(with: .open(port)) { waiter.resume(returning: port) }
    }

    func end() {
        for waiter in replace(with: .ended) { waiter.resume(throwing: SimulatorStopped()) }
    }

    private func replace(with new: State) -> [CheckedContinuation<Int, any Error>] {
        state.withLock { state in
            defer { state = new }
            guard case .waiting(let waiters) = state else { return [] }
            return waiters
        }
    }
}
