import Logging
import SQL
import ServiceLifecycle

/// Claims jobs and works on them, many lanes at a time. Woken by what this process commits, by what other processes
/// notify, and by due times; a poll finds what all of these missed.
package struct JobRunner: Service {
    let queue: JobQueue
    let handlers: [Job.Kind: any JobHandler]
    let signal: Signal
    let logger: Logger
    let counters: JobMetrics
    var poll: Duration = .seconds(5)

    private static let renewal: Duration = .seconds(2)
    private static let sweep: Duration = .seconds(60)
    /// Before another look, when something is due that can't be had: another gateway is just at it.
    private static let contention: Duration = .milliseconds(50)
    /// Between two tries while the database is away.
    private static let outagePause: Duration = .seconds(1)
    /// An error that no handler foresaw is tried again this often before the job is set aside.
    private static let unforeseenLimit = 10

    package func run() async throws {
        let running = RunningJobs()
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await renew(running) }
                group.addTask {
                    await signal.raise(
                        onNoticesOf: JobQueue.channel, in: queue.database,
                        otherwise: "jobs of other gateways are found by polling only", logger)
                }
                await work(running)
                running.finish()
                group.cancelAll()
            }
        } onCancelOrGracefulShutdown: {
            running.stop()
            signal.raise()
        }
    }

    private func work(_ running: RunningJobs) async {
        await withDiscardingTaskGroup { group in
            var claims = JobClaims(queue: queue)
            while !running.isStopping {
                var pause: Duration? = poll
                if running.places.hasFree {
                    do {
                        let (look, claim) = try await claims.next(running)
                        if running.isStopping { await release(claim.jobs) } else { start(claim.jobs, running, &group) }
                        let isMoving = !claim.jobs.isEmpty || claim.isWorthAnotherLook
                        pause = isMoving ? nil : self.pause(after: look, running)
                    } catch {
                        let cause = GatewayError(wrapping: error)
                        logger.warning("jobs can't be claimed", metadata: ["cause": "\(cause.cause ?? cause.message)"])
                        pause = Self.outagePause
                    }
                }
                if let pause, !running.isStopping { await signal.wait(atMost: pause) }
            }
        }
    }

    private func start(_ jobs: [Job], _ running: RunningJobs, _ group: inout DiscardingTaskGroup) {
        for job in jobs {
            running.insert(job)
            group.addTask {
                await perform(job, running)
                running.remove(job)
                // The lane's next job may be free now.
                signal.raise()
            }
        }
    }

    private func release(_ jobs: [Job]) async {
        guard !jobs.isEmpty else { return }
        // Losing this is safe: the leases run out by themselves.
        try? await queue.release(jobs)
    }

    /// How long to wait after a look that led to nothing.
    private func pause(after look: JobLook, _ running: RunningJobs) -> Duration {
        let places = running.places
        // What finds no place is claimed when one comes free.
        if look.due.contains(where: { places.free($0.kind.pool, $0.plan) > 0 }) { return Self.contention }
        guard let next = look.next else { return poll }
        return max(.milliseconds(1), min(poll, .milliseconds(next - queue.clock.now())))
    }

    private func perform(_ job: Job, _ running: RunningJobs) async {
        let start = ContinuousClock.now
        var outcome = "error"
        do {
            guard let handler = handlers[job.kind] else { return }
            let verdict = try await handler.run(job)
            outcome = verdict?.name ?? "done"
            switch verdict {
            case .giveUp(let reason)?: try await giveUp(job, handler, reason)
            case let verdict?: try await queue.finish(job, verdict)
            case nil: break
            }
        } catch {
            await setBack(job, after: error, running)
        }
        counters.count(job.kind, outcome, start.duration(to: .now))
    }

    private func giveUp(_ job: Job, _ handler: any JobHandler, _ reason: String) async throws {
        logger.error(
            "job set aside",
            metadata: ["job.id": "\(job.id)", "job.kind": "\(job.kind.rawValue)", "reason": "\(reason)"])
        try await queue.giveUp(job, reason: reason) { isInFlight, session in
            try handler.abandon(job, reason: reason, isInFlight: isInFlight, session)
        }
    }

    /// Waits for a database that is away, so that the job need not wait for its lease to end afterwards.
    private func setBack(_ job: Job, after error: any Error, _ running: RunningJobs) async {
        let cause = GatewayError(wrapping: error)
        let isOutage = cause.code == .unavailable
        logger.error(
            "job failed",
            metadata: [
                "job.id": "\(job.id)", "job.kind": "\(job.kind.rawValue)", "failure": "\(job.failures + 1)",
                "cause": "\(cause.cause ?? cause.message)",
            ])
        do {
            try await untilStored(running) {
                try await setBack(job, after: cause, isOutage: isOutage)
            }
        } catch {
            // The lease runs out and the job is claimed again.
            logger.warning("job waits for its lease to end", metadata: ["job.id": "\(job.id)"])
        }
    }

    private func setBack(_ job: Job, after cause: GatewayError, isOutage: Bool) async throws {
        if !isOutage, job.failures + 1 >= Self.unforeseenLimit, let handler = handlers[job.kind] {
            try await giveUp(job, handler, "internal error: \(cause.cause ?? cause.message)")
        } else {
            let doublings = isOutage ? min(job.pauses, 2) : min(job.failures, 6)
            try await queue.setBack(
                job, after: .seconds(min(60, 1 << doublings)), reason: cause.message, isOutage: isOutage)
        }
    }

    private func untilStored(_ running: RunningJobs, _ body: () async throws -> Void) async throws {
        while true {
            do {
                return try await body()
            } catch let error as SQLError where error.isTransient && !running.isStopping {
                try await Task.sleep(for: Self.outagePause)
            }
        }
    }

    /// Keeps the leases of what is in hand, and now and then looks after lanes.
    private func renew(_ running: RunningJobs) async {
        var nextSweep = ContinuousClock.now + Self.sweep
        while !running.isFinished {
            await running.tick.wait(atMost: Self.renewal)
            do {
                let jobs = running.jobs
                if !jobs.isEmpty { try await queue.renew(jobs) }
                if ContinuousClock.now >= nextSweep {
                    nextSweep = .now + Self.sweep
                    try await queue.letStragglersForward()
                }
            } catch {
                logger.warning("leases can't be renewed", metadata: ["jobs": "\(running.jobs.count)"])
            }
        }
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
