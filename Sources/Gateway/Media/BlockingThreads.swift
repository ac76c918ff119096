import Foundation

/// A few threads of their own for file and library calls that block, which must not hold a thread of Swift's
/// cooperative pool. Callers wait their turn; the threads end when this goes away.
final class BlockingThreads: Sendable {
    private let queue = Queue()

    init(name: String, count: Int) {
        for number in 1...count {
            let thread = Thread { [queue] in
                while let call = queue.next() { call() }
            }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    deinit { queue.end() }

    /// Runs to its end even when the task is cancelled meanwhile: half a rename is none.
    func run<Value: Sendable>(_ call: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.append { continuation.resume(with: Result { try call() }) }
        }
    }

    /// Unchecked: every access to the state holds the condition's lock.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var calls: [@Sendable () -> Void] = []
        private var isEnded = false

        func append(_ call: @escaping @Sendable () -> Void) {
            condition.withLock {
                calls.append(call)
                condition.signal()
            }
        }

        func end() {
            condition.withLock {
                isEnded = true
                condition.broadcast()
            }
        }

        /// Waits for a call; nil at the end. What was asked before the end is done.
        func next() -> (@Sendable () -> Void)? {
            condition.withLock {
                while calls.isEmpty {
                    if isEnded { return nil }
                    condition.wait()
                }
                return calls.removeFirst()
            }
        }
    }
}
