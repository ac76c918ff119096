import Logging
import SQL
import ServiceLifecycle

/// Brings spooled webhooks into the database when it is back, oldest first; as long as any wait, newer ones line up
/// behind them in the spool. One that the database, though it answers, does not take in the end is kept as a failed raw
/// event, and the rest goes on.
struct SpoolDrain: Service {
    let spool: Spool
    let writer: WebhookWriter
    let signal: Signal
    let logger: Logger

    /// Webhooks in hand at a time; each may hold 4 MiB.
    private static let batch = 25
    /// How often a webhook that fails by itself, with the database answering, is tried before it is set aside.
    private static let attempts = 5
    /// Shorter than a statement's own bound at first: a connection that hangs since the outage costs no more.
    private static let patience: Duration = .seconds(10)
    private static let shortestPause: Duration = .milliseconds(250)
    private static let longestPause: Duration = .seconds(2)

    func run() async throws {
        let stopped = Signal()
        var progress = Progress()
        await repeatUntilStopped(waking: signal, stopped) { stop in
            if spool.depth == 0 { return await signal.wait(atMost: Self.longestPause) }
            do {
                try await drain(&progress, stop)
            } catch {
                let cause = GatewayError(wrapping: error)
                logger.warning(
                    "spool waits for the database",
                    metadata: ["webhooks": "\(spool.depth)", "cause": "\(cause.cause ?? cause.message)"])
                await stopped.wait(atMost: progress.pause)
                progress.pause = min(progress.pause * 2, Self.longestPause)
            }
        }
    }

    /// How far the drain has come with the oldest webhook.
    private struct Progress {
        /// After a failure webhooks are taken one by one, so that one of them does not hold up the others.
        var batch = SpoolDrain.batch
        /// Times that the oldest failed alone although the database answered.
        var failures = 0
        /// Before the next try, doubled each time that nothing went in.
        var pause = SpoolDrain.shortestPause
    }

    private func drain(_ progress: inout Progress, _ stop: Flag) async throws {
        let start = spool.depth
        while spool.depth > 0, !stop.isRaised {
            let entries = try await spool.first(progress.batch)
            do {
                try await write(entries, progress)
            } catch {
                progress.batch = 1
                try await judge(error, entries, &progress)
            }
            await spool.remove(entries)
            progress.batch = min(progress.batch * 2, Self.batch)
            progress.failures = 0
            progress.pause = Self.shortestPause
        }
        if spool.depth == 0 { logger.info("spool drained", metadata: ["webhooks": "\(start)"]) }
    }

    private func write(_ entries: [Spool.Entry], _ progress: Progress) async throws {
        let patience = progress.failures == 0 ? Self.patience : nil
        try await Database.$patience.withValue(patience) { () async throws -> Void in
            try await writer.bringIn(entries.map(\.webhook))
        }
    }

    /// Sets a webhook aside that has failed alone, again and again, while the database answers.
    /// - Throws: `error` as long as it may go well later.
    private func judge(_ error: any Error, _ entries: [Spool.Entry], _ progress: inout Progress) async throws {
        guard entries.count == 1, Self.mayBeItsOwnFault(error) else { throw error }
        _ = try await Database.$patience.withValue(Self.patience) { try await writer.database.ping() }
        progress.failures += 1
        guard progress.failures >= Self.attempts else { throw error }
        let cause = GatewayError(wrapping: error)
        try await writer.keepFailed(entries[0].webhook, cause: cause.cause ?? cause.message)
    }

    /// A full or read-only database is nobody's fault, though it answers.
    private static func mayBeItsOwnFault(_ error: any Error) -> Bool {
        switch (error as? SQLError)?.kind {
        case .full, .readOnly, .busy, .deadlock: false
        default: true
        }
    }
}
