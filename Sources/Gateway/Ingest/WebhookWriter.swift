import Logging
import SQL

/// Commits webhooks to the database, whoever brings them: the queue or the spool.
struct WebhookWriter: Sendable {
    let database: Database
    let transaction: IngestTransaction
    let clock: Clock
    let logger: Logger
    let counters: IngestMetrics
    /// Told after a commit that left work behind.
    let wake: @Sendable (IngestTransaction.Result) -> Void

    /// Another gateway may make the same contact or message at the same moment: then the next look finds it.
    private static let attempts = 5

    /// Brings all of them in with one transaction. One that breaks it is kept as a failed event, and the others go
    /// in without it.
    /// - Throws: `.unavailable` when the database can't be reached. Those before may have been stored; bringing them
    ///   again does no harm.
    /// - Returns: what was new; nil when something was kept as failed.
    @discardableResult
    func write(_ webhooks: [ReceivedWebhook]) async throws(GatewayError) -> IngestTransaction.Result? {
        let start = ContinuousClock.now
        do {
            let result = try await commit(webhooks)
            counters.count(webhooks.count, result, start.duration(to: .now))
            if let reason = result.unrouted {
                logger.warning("webhook kept without a room", metadata: ["reason": "\(reason)"])
            }
            wake(result)
            return result
        } catch let error as GatewayError where error.code == .unavailable {
            throw error
        } catch {
            if webhooks.count > 1 {
                for webhook in webhooks { try await write([webhook]) }
            } else {
                try await keepFailed(webhooks, error)
            }
            return nil
        }
    }

    private func commit(_ webhooks: [ReceivedWebhook]) async throws -> IngestTransaction.Result {
        var attempt = 1
        while true {
            do {
                let now = clock.now()
                return try await database.transaction { session in
                    try transaction.run(webhooks, at: now, session)
                }
            } catch let error as SQLError {
                if case .unique = error.kind, attempt < Self.attempts {
                    attempt += 1
                } else if error.isTransient {
                    throw GatewayError(wrapping: error)
                } else {
                    throw error
                }
            }
        }
    }

    private func keepFailed(_ webhooks: [ReceivedWebhook], _ error: any Error) async throws(GatewayError) {
        let cause = (error as? SQLError)?.message ?? String(describing: type(of: error))
        do {
            for webhook in webhooks {
                logger.error(
                    "webhook kept as failed", metadata: ["event.sha256": "\(webhook.digest)", "cause": "\(cause)"])
                counters.failed.increment()
                try await database.transaction { session in
                    try WebhookEvents.recordFailure(webhook, reason: "could not be brought in: \(cause)", session)
                }
            }
        } catch {
            throw GatewayError(wrapping: error)
        }
    }
}
