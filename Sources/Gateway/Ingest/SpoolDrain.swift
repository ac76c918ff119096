import Logging
import ServiceLifecycle

/// Brings spooled webhooks into the database when it is back, oldest first; as long as any wait, newer ones line up
/// behind them in the spool.
struct SpoolDrain: Service {
    let spool: Spool
    let writer: WebhookWriter
    let signal: Signal
    let logger: Logger

    /// Webhooks in hand at a time; each may hold 4 MiB.
    private static let batch = 25
    private static let shortestPause: Duration = .milliseconds(250)
    private static let longestPause: Duration = .seconds(5)

    func run() async throws {
        let stop = Flag()
        let stopped = Signal()
        await withTaskCancellationOrGracefulShutdownHandler {
            var pause = Self.shortestPause
            while !stop.isRaised {
                if spool.depth == 0 {
                    await signal.wait(atMost: Self.longestPause)
                    continue
                }
                do {
                    try await drain(stop)
                    pause = Self.shortestPause
                } catch {
                    let cause = GatewayError(wrapping: error)
                    logger.warning(
                        "spool waits for the database",
                        metadata: ["webhooks": "\(spool.depth)", "cause": "\(cause.cause ?? cause.message)"])
                    await stopped.wait(atMost: pause)
                    pause = min(pause * 2, Self.longestPause)
                }
            }
        } onCancelOrGracefulShutdown: {
            stop.raise()
            signal.raise()
            stopped.raise()
        }
    }

    private func drain(_ stop: Flag) async throws {
        let start = spool.depth
        while spool.depth > 0, !stop.isRaised {
            let entries = try await spool.first(Self.batch)
            try await writer.write(entries.map(\.webhook))
            try await spool.remove(entries)
        }
        if spool.depth == 0 { logger.info("spool drained", metadata: ["webhooks": "\(start)"]) }
    }
}
