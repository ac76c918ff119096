import Foundation

/// Runs an actor's jobs on a thread of its own, so that blocking C calls never hold a thread of the cooperative
/// pool. The thread ends when the executor, which the actor owns, goes away.
final class ThreadExecutor: SerialExecutor {
    private let queue = Queue()

    init(name: String) {
        // Unowned is safe: a job holds its actor and the actor this executor, and the thread touches the executor
        // only while it runs a job.
        let executor = asUnownedSerialExecutor()
        let thread = Thread { [queue] in
            while let job = queue.next() { job.runSynchronously(on: executor) }
        }
        thread.name = name
        thread.start()
    }

    deinit { queue.end() }

    func enqueue(_ job: consuming ExecutorJob) { queue.append(UnownedJob(job)) }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Unchecked: every access to the state holds the condition's lock.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var jobs: [UnownedJob] = []
        private var head = 0
        private var isEnded = false

        func append(_ job: UnownedJob) {
            condition.lock()
            jobs.append(job)
            condition.signal()
            condition.unlock()
        }

        func end() {
            condition.lock()
            isEnded = true
            condition.signal()
            condition.unlock()
        }

        /// Waits for a job; nil at the end.
        func next() -> UnownedJob? {
            condition.lock()
            defer { condition.unlock() }
            while head == jobs.count {
                if isEnded { return nil }
                condition.wait()
            }
            let job = jobs[head]
            head += 1
            if head == jobs.count {
                jobs.removeAll(keepingCapacity: true)
                head = 0
            }
            return job
        }
    }
}
