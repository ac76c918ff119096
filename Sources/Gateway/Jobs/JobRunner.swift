import Logging
import SQL
import ServiceLifecycle
import Synchronization

/// Does one kind of work.
protocol JobHandler: Sendable {
    /// - Returns: how it ended; nil when the handler ended the job in a transaction of its own.
    func run(_ job: Job) async throws -> JobVerdict?
}

/// Claims jobs and works on them, many lanes at a time. Woken by commits of this process, by due times, and by a
/// poll that finds what other processes queued.
package struct JobRunner: Service {
    let queue: JobQueue
    let handlers: [Job.Kind: any JobHandler]
    let signal: Signal
    let logger: Logger
    let counters: JobMetrics

    private static let slots = 64
    /// Beside them: large files on a slow line must not take the places of sends.
    private static let mediaSlots = 16
    private static let poll: Duration = .seconds(1)
    private static let renewal: Duration = .seconds(5)
    /// An error that no handler foresaw is tried again this often before the job is set aside.
    private static let unforeseenLimit = 10

    package func run() async throws {
        let running = RunningJobs()
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { await renew(running) }
            group.addTask {
                await withTaskCancellationOrGracefulShutdownHandler {
                    await work(running)
                } onCancelOrGracefulShutdown: {
                    running.stop()
                    signal.raise()
                }
            }
        }
    }

    private func work(_ running: RunningJobs) async {
        await withDiscardingTaskGroup { group in
            while !running.isStopping {
                let busy = running.count
                let free = Self.slots - busy.others
                let mediaFree = Self.mediaSlots - busy.media
                let claimed = free + mediaFree > 0 ? await claim(free, media: mediaFree) : []
                if running.isStopping {
                    await release(claimed)
                    break
                }
                for job in claimed {
                    running.insert(job)
                    group.addTask {
                        await perform(job)
                        running.remove(job)
                        // The lane's next job may be free now.
                        signal.raise()
                    }
                }
                // Where every free place was taken there may be more that is due.
                let media = claimed.count { $0.kind == .fetchMedia }
                let mayBeMore = (free > 0 && claimed.count - media == free) || (mediaFree > 0 && media == mediaFree)
                if !mayBeMore { await signal.wait(atMost: await pause()) }
            }
        }
        running.finish()
    }

    private func claim(_ limit: Int, media: Int) async -> [Job] {
        do {
            return try await queue.claim(limit, media: media)
        } catch {
            logger.warning("jobs can't be claimed", metadata: ["cause": "\(GatewayError(wrapping: error).cause ?? "")"])
            return []
        }
    }

    private func release(_ jobs: [Job]) async {
        guard !jobs.isEmpty else { return }
        // Losing this is safe: the leases run out by themselves.
        try? await queue.release(jobs)
    }

    private func pause() async -> Duration {
        // Losing this look is safe: the poll comes all the same.
        guard let due = try? await queue.nextDue() else { return Self.poll }
        let wait = Duration.milliseconds(due - queue.clock.now())
        return wait > .zero && wait < Self.poll ? wait : Self.poll
    }

    private func perform(_ job: Job) async {
        let start = ContinuousClock.now
        var outcome = "error"
        do {
            guard let handler = handlers[job.kind] else { return }
            let verdict = try await handler.run(job)
            outcome = verdict?.name ?? "done"
            if let verdict { try await queue.finish(job, verdict) }
        } catch {
            await setBack(job, after: error)
        }
        counters.count(job.kind, outcome, start.duration(to: .now))
    }

    private func setBack(_ job: Job, after error: any Error) async {
        let cause = GatewayError(wrapping: error)
        logger.error(
            "job failed",
            metadata: [
                "job.id": "\(job.id)", "job.kind": "\(job.kind.rawValue)", "attempt": "\(job.attempts + 1)",
                "cause": "\(cause.cause ?? cause.message)",
            ])
        let verdict: JobVerdict =
            cause.code != .unavailable && job.attempts + 1 >= Self.unforeseenLimit
            ? .giveUp(reason: cause.cause ?? cause.message)
            : .retry(after: .seconds(min(60, 1 << min(job.attempts, 6))), reason: cause.message)
        // Losing this is safe: the lease runs out and the job is claimed again.
        try? await queue.setBack(job, verdict)
    }

    private func renew(_ running: RunningJobs) async {
        while !running.isFinished {
            await running.tick.wait(atMost: Self.renewal)
            let jobs = running.jobs
            if jobs.isEmpty { continue }
            do {
                try await queue.renew(jobs)
            } catch {
                logger.warning("leases can't be renewed", metadata: ["jobs": "\(jobs.count)"])
            }
        }
    }
}

/// The jobs in hand.
private final class RunningJobs: Sendable {
    private struct State {
        var jobs: [String: Job] = [:]
        var isStopping = false
        var isFinished = false
    }

    private let state = Mutex(State())
    let tick = Signal()

    var count: (others: Int, media: Int) {
        state.withLock { state in
            let media = state.jobs.values.count { $0.kind == .fetchMedia }
            return (state.jobs.count - media, media)
        }
    }
    var jobs: [Job] { state.withLock { Array($0.jobs.values) } }
    var isStopping: Bool { state.withLock { $0.isStopping } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func insert(_ job: Job) { state.withLock { $0.jobs[job.id] = job } }
    func remove(_ job: Job) { state.withLock { $0.jobs[job.id] = nil } }
    func stop() { state.withLock { $0.isStopping = true } }

    func finish() {
        state.withLock { $0.isFinished = true }
        tick.raise()
    }
}

extension JobVerdict {
    fileprivate var name: String {
        switch self {
        case .done: "done"
        case .retry: "retry"
        case .pause: "pause"
        case .giveUp: "dead"
        }
    }
}

/// What the job runner counts.
struct JobMetrics: Sendable {
    let metrics: Metrics

    func count(_ kind: Job.Kind, _ outcome: String, _ time: Duration) {
        metrics.counter(
            "vestibule_jobs_total", help: "Runs of jobs, by how they ended.",
            labels: ["kind": kind.rawValue, "outcome": outcome]
        ).increment()
        metrics.histogram(
            "vestibule_job_seconds", help: "Time of a run of a job.", labels: ["kind": kind.rawValue]
        ).observe(time)
    }
}
