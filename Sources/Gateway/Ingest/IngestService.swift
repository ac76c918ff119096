import Logging
import SQL
import ServiceLifecycle

/// Takes Meta's webhooks in. Concurrent requests share one transaction (group commit); each is answered after the
/// commit that holds it.
package struct IngestService: Service {
    let database: Database
    let transaction: IngestTransaction
    let queue: IngestQueue
    let clock: Clock
    let logger: Logger
    let counters: IngestMetrics
    /// Told after a commit that left work behind.
    let wake: @Sendable (IngestTransaction.Result) -> Void

    /// At most this many updates share a transaction.
    private static let batchItems = 1000

    /// Stores one webhook, whose signature was checked, and returns after the commit.
    /// A body that can't be understood is kept as a raw event and is no error.
    /// - Throws: `.unavailable` when the queue is full or the database can't be reached: nothing was stored for sure.
    package func accept(_ body: [UInt8]) async throws(GatewayError) {
        let received = ReceivedWebhook(body: body, receivedAt: clock.now())
        let result: Result<Void, GatewayError> = await withCheckedContinuation { continuation in
            let entry = IngestQueue.Entry(webhook: received) { continuation.resume(returning: $0) }
            if !queue.append(entry) {
                counters.refused.increment()
                continuation.resume(
                    returning: .failure(GatewayError(.unavailable, "too many webhooks wait; try again")))
            }
        }
        try result.get()
    }

    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            while true {
                let batch = await queue.next(items: Self.batchItems)
                if batch.isEmpty { break }
                await write(batch)
            }
        } onCancelOrGracefulShutdown: {
            queue.close()
        }
    }

    private func write(_ batch: [IngestQueue.Entry]) async {
        let start = ContinuousClock.now
        do {
            let result = try await commit(batch.map(\.webhook))
            for entry in batch { entry.finish(.success(())) }
            counters.count(batch.count, result, start.duration(to: .now))
            wake(result)
        } catch let error as GatewayError where error.code == .unavailable {
            logger.warning("webhooks refused", metadata: ["cause": "\(error.cause ?? error.message)"])
            for entry in batch { entry.finish(.failure(error)) }
        } catch {
            await writeEach(batch, after: error)
        }
    }

    private func commit(_ webhooks: [ReceivedWebhook]) async throws -> IngestTransaction.Result {
        // Another gateway may have made the same contact or message a moment ago: then the second look finds it.
        var attempt = 1
        while true {
            do {
                let now = clock.now()
                return try await database.transaction { session in
                    try transaction.run(webhooks, at: now, session)
                }
            } catch let error as SQLError {
                if case .unique = error.kind, attempt < 5 {
                    attempt += 1
                } else if error.isTransient {
                    throw GatewayError(wrapping: error)
                } else {
                    throw error
                }
            }
        }
    }

    /// One webhook of the batch broke the transaction: the others go in one by one, and the one is kept as failed.
    private func writeEach(_ batch: [IngestQueue.Entry], after error: any Error) async {
        for entry in batch {
            do {
                do {
                    let result = try await commit([entry.webhook])
                    counters.count(1, result, .zero)
                    wake(result)
                } catch let error as GatewayError where error.code == .unavailable {
                    throw error
                } catch {
                    try await keepFailed(entry.webhook, error)
                }
                entry.finish(.success(()))
            } catch {
                entry.finish(.failure(GatewayError(wrapping: error)))
            }
        }
    }

    private func keepFailed(_ webhook: ReceivedWebhook, _ error: any Error) async throws {
        let cause = (error as? SQLError)?.message ?? String(describing: type(of: error))
        logger.error(
            "webhook kept as failed", metadata: ["event.sha256": "\(webhook.digest)", "cause": "\(cause)"])
        counters.failed.increment()
        try await database.transaction { session in
            try WebhookEvents.recordFailure(webhook, reason: "could not be brought in: \(cause)", session)
        }
    }
}
