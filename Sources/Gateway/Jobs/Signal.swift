import Synchronization

/// Wakes one waiting loop. A signal that comes while nobody waits is kept; many of them are one.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        /// Gets whether it was raised; otherwise its task was cancelled.
        var waiter: CheckedContinuation<Bool, Never>?
    }

    private let state = Mutex(State())

    func raise() {
        let waiter = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            guard let waiter = state.waiter.take() else {
                state.isRaised = true
                return nil
            }
            return waiter
        }
        waiter?.resume(returning: true)
    }

    /// Waits for a signal, at most this long; returns early when the task is cancelled.
    func wait(atMost duration: Duration) async { _ = await isRaised(within: duration) }

    /// Waits in the same way.
    /// - Returns: whether a signal came, which is then used up.
    func isRaised(within duration: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.wait() }
            group.addTask {
                // Only the group cancels it, when the signal came first.
                try? await Task.sleep(for: duration)
                return false
            }
            let isRaised = await group.next() ?? false
            group.cancelAll()
            // The time may have been over first and the signal have come all the same, before the wait was ended.
            return await group.reduce(isRaised) { $0 || $1 }
        }
    }

    /// - Returns: false when the task is cancelled.
    private func wait() async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let outcome = state.withLock { state -> Bool? in
                    if state.isRaised {
                        state.isRaised = false
                        return true
                    }
                    if Task.isCancelled { return false }
                    state.waiter = continuation
                    return nil
                }
                if let outcome { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiter.take() }
            waiter?.resume(returning: false)
        }
    }
}
