import Foundation
import Synchronization

/// Until when a call that blocks a thread may go on; it also ends when the task that waits for it is cancelled.
final class CallLimit: Sendable {
    enum End: Error {
        case timedOut, cancelled
    }

    /// How soon a cancelled call notices, in milliseconds.
    private static let slice: Int32 = 100

    private let deadline: ContinuousClock.Instant
    private let isCancelled = Mutex(false)
    /// The call that this one is a part of.
    private let whole: CallLimit?

    init(_ time: Duration, within whole: CallLimit? = nil) {
        deadline = .now + time
        self.whole = whole
    }

    func cancel() { isCancelled.withLock { $0 = true } }

    func check() throws(End) {
        try whole?.check()
        if isCancelled.withLock({ $0 }) { throw .cancelled }
        if ContinuousClock.now >= deadline { throw .timedOut }
    }

    /// Waits until the descriptor is ready for one of these events of `poll`.
    /// - Returns: which; errors and the other side's end count as ready for all.
    func wait(for events: Int32, on file: Int32) throws(End) -> Int32 {
        while true {
            try check()
            let left = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            var state = pollfd(fd: file, events: Int16(events), revents: 0)
            let count = poll(&state, 1, max(0, min(Self.slice, Int32(clamping: Int64(left.rounded(.up))))))
            if count > 0 { return Int32(state.revents) }
        }
    }
}

extension BlockingThreads {
    /// The call is to ask the limit whether it may go on. The time that it waits for a thread counts, too.
    func run<Value: Sendable>(
        within time: Duration, _ call: @escaping @Sendable (CallLimit) throws -> Value
    ) async throws -> Value {
        let limit = CallLimit(time)
        return try await withTaskCancellationHandler {
            try await run {
                try limit.check()
                return try call(limit)
            }
        } onCancel: {
            limit.cancel()
        }
    }
}
