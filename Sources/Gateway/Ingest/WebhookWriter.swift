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

    private static let attempts = 5
    /// Of so many, all are mostly of customers who are known: then one look at the database instead of two is worth the
    /// third that it takes when somebody is new.
    private static let fewWebhooks = 16

    /// Another transaction may make the same contact or message at the same moment, or erase it: then the next look
    /// finds what is true.
    private static func mayGoWell(_ error: any Error) -> Bool {
        if error is IngestTransaction.Overtaken { return true }
        guard case .unique = (error as? SQLError)?.kind else { return false }
        return true
    }

    /// Brings all of them in with one transaction. One that breaks it is kept as a failed event, and the others go
    /// in without it.
    /// - Throws: `.unavailable` when the database can't be reached. Those before may have been stored; bringing them
    ///   again does no harm.
    /// - Returns: what was new; nil when something was kept as failed.
    @discardableResult
    func write(_ webhooks: [ReceivedWebhook]) async throws(GatewayError) -> IngestTransaction.Result? {
        do {
            return try await bringIn(webhooks)
        } catch {
            throw GatewayError(wrapping: error)
        }
    }

    /// As `write`, with the database's own error.
    @discardableResult
    func bringIn(_ webhooks: [ReceivedWebhook]) async throws -> IngestTransaction.Result? {
        let start = ContinuousClock.now
        do {
            let result = try await commit(webhooks)
            counters.count(webhooks.count, result, start.duration(to: .now))
            if let reason = result.unrouted {
                logger.warning("webhook kept without a room", metadata: ["reason": "\(reason)"])
            }
            wake(result)
            return result
        } catch let error as SQLError where error.isTransient {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            if webhooks.count > 1 {
                for webhook in webhooks { try await bringIn([webhook]) }
            } else {
                let cause = (error as? SQLError)?.message ?? String(describing: type(of: error))
                for webhook in webhooks { try await keepFailed(webhook, cause: cause) }
            }
            return nil
        }
    }

    private func commit(_ webhooks: [ReceivedWebhook]) async throws -> IngestTransaction.Result {
        var attempt = 1
        var inShort = webhooks.count <= Self.fewWebhooks
        while true {
            do {
                let now = clock.now()
                return try await database.transaction { [inShort] session in
                    try transaction.run(webhooks, at: now, inShort: inShort, session)
                }
            } catch is IngestTransaction.Unfamiliar {
                inShort = false
            } catch {
                guard attempt < Self.attempts, Self.mayGoWell(error) else { throw error }
                attempt += 1
            }
        }
    }

    /// Keeps a webhook that can't be brought in as a failed raw event, to be looked at and replayed.
    func keepFailed(_ webhook: ReceivedWebhook, cause: String) async throws {
        try await database.transaction { session in
            try WebhookEvents.recordFailure(webhook, reason: "could not be brought in: \(cause)", session)
        }
        logger.error("webhook kept as failed", metadata: ["event.sha256": "\(webhook.digest)", "cause": "\(cause)"])
        counters.failed.increment()
    }
}
