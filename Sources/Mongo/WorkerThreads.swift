import Foundation

/// A few threads of their own for calls that block, which must not hold a thread of Swift's cooperative pool.
/// They end when this goes away, after what was taken is done.
final class WorkerThreads: Sendable {
    typealias Job = @Sendable () -> Void

    private let queue: Queue

    /// - Parameter limit: how many jobs may wait.
    init(name: String, count: Int, limit: Int) {
        queue = Queue(limit: limit, threads: count)
        for number in 1...count {
            let thread = Thread { [queue] in
                while let job = queue.next() { job() }
                queue.threadEnded()
            }
            thread.name = "\(name)-\(number)"
            thread.start()
        }
    }

    deinit { queue.end() }

    /// False, without keeping the job, when too many wait or after `finish`.
    func submit(_ job: @escaping Job) -> Bool { queue.append(job) }

    /// Takes no more jobs and waits for the ones that were taken.
    func finish() async {
        queue.end()
        await withCheckedContinuation { queue.whenEnded($0) }
    }

    /// Unchecked: every access to the state holds the condition's lock.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private let limit: Int
        private var jobs: [Job] = []
        private var head = 0
        private var isEnded = false
        private var threads: Int
        private var waiters: [CheckedContinuation<Void, Never>] = []

        init(limit: Int, threads: Int) {
            self.limit = limit
            self.threads = threads
        }

        func append(_ job: @escaping Job) -> Bool {
            condition.withLock {
                guard !isEnded, jobs.count - head < limit else { return false }
                jobs.append(job)
                condition.signal()
                return true
            }
        }

        func end() {
            condition.withLock {
                isEnded = true
                condition.broadcast()
            }
        }

        /// Waits for a job; nil at the end.
        func next() -> Job? {
            condition.withLock {
                while head == jobs.count {
                    if isEnded { return nil }
                    condition.wait()
                }
                let job = jobs[head]
                head += 1
                // Lets go of what was done, at a cost that is constant per job.
                if head * 2 >= jobs.count {
                    jobs.removeFirst(head)
                    head = 0
                }
                return job
            }
        }

        func threadEnded() {
            let waiters = condition.withLock {
                threads -= 1
                guard threads == 0 else { return [] as [CheckedContinuation<Void, Never>] }
                defer { self.waiters = [] }
                return self.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        func whenEnded(_ waiter: CheckedContinuation<Void, Never>) {
            let isOver = condition.withLock {
                if threads > 0 { waiters.append(waiter) }
                return threads == 0
            }
            if isOver { waiter.resume() }
        }
    }
}
