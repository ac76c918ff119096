import Logging
import ServiceLifecycle

/// Keeps the steady clock with its source, and mends the times of jobs when that was set back.
struct ClockService: Service {
    let steady: SteadyClock
    let queue: JobQueue
    let logger: Logger

    private static let interval: Duration = .seconds(10)

    func run() async throws {
        let stop = Signal()
        await withTaskCancellationOrGracefulShutdownHandler {
            while !(await stop.isRaised(within: Self.interval)) { await follow() }
        } onCancelOrGracefulShutdown: {
            stop.raise()
        }
    }

    private func follow() async {
        do {
            let change = try await steady.follow()
            guard abs(change) > SteadyClock.jump else { return }
            logger.warning("the database server's clock was set", metadata: ["milliseconds": "\(change)"])
            try await queue.mendTimes()
        } catch {
            // Between two readings the monotonic clock goes on by itself.
            logger.debug("the database's clock can't be read")
        }
    }
}
