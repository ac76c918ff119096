import Synchronization

/// Wakes one waiting loop. A signal that comes while nobody waits is kept; many of them are one.
final class Signal: Sendable {
    private struct State {
        var isRaised = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func raise() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter.take() else {
                state.isRaised = true
                return nil
            }
            return waiter
        }
        waiter?.resume()
    }

    /// Waits for a signal, at most this long; returns early when the task is cancelled.
    func wait(atMost duration: Duration) async { _ = await isRaised(within: duration) }

    /// Waits in the same way.
    /// - Returns: false when the time was over first.
    func isRaised(within duration: Duration) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.wait()
                return true
            }
            group.addTask {
                // Only the group cancels it, when the signal came first.
                try? await Task.sleep(for: duration)
                return false
            }
            let isRaised = await group.next() ?? false
            group.cancelAll()
            return isRaised
        }
    }

    private func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.isRaised || Task.isCancelled {
                        state.isRaised = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiter.take() }
            waiter?.resume()
        }
    }
}
