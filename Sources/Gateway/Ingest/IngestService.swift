import Logging
import SQL
import ServiceLifecycle

/// Takes Meta's webhooks in. Concurrent requests share one transaction (group commit); each is answered after the
/// commit that holds it: in the database, or in the spool while the database can't be reached.
package struct IngestService: Service {
    let writer: WebhookWriter
    let queue: IngestQueue
    /// None beside an embedded database: what stops the one would stop the other.
    let spool: Spool?
    let spoolFilled: Signal

    /// How many transactions may run at a time. The gateway prepares one while the database is at work on the other;
    /// SQLite has a single writer.
    private var transactions: Int { writer.database.engine == .postgres ? 2 : 1 }
    /// At most this many updates share a transaction.
    private static let batchItems = 1000
    /// How long the database may take before the spool takes its place. Meta gives a webhook up after some seconds, the
    /// earliest that is told of being three, and a database that hangs must not make every one of them wait.
    static let patience: Duration = .seconds(4)

    /// Stores one webhook, whose signature was checked, and returns after the commit.
    /// A body that can't be understood is kept as a raw event and is no error.
    /// - Throws: `.unavailable` when the queue is full, or when neither the database nor the spool took it.
    package func accept(_ body: [UInt8]) async throws(GatewayError) {
        let received = ReceivedWebhook(body: body, receivedAt: writer.clock.now())
        let result: Result<Void, GatewayError> = await withCheckedContinuation { continuation in
            let entry = IngestQueue.Entry(webhook: received) { continuation.resume(returning: $0) }
            if !queue.append(entry) {
                writer.counters.refused.increment()
                continuation.resume(
                    returning: .failure(GatewayError(.unavailable, "too many webhooks wait; try again")))
            }
        }
        try result.get()
    }

    package func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for _ in 0..<transactions { group.addTask { await write() } }
            }
        } onCancelOrGracefulShutdown: {
            queue.close()
        }
    }

    private func write() async {
        while true {
            let batch = await queue.next(items: Self.batchItems)
            if batch.entries.isEmpty { break }
            let result = await store(batch.entries.map(\.webhook))
            queue.done(batch)
            for entry in batch.entries { entry.finish(result) }
        }
    }

    private func store(_ webhooks: [ReceivedWebhook]) async -> Result<Void, GatewayError> {
        // What is spooled came before these and goes in before them.
        if let spool, spool.depth > 0 { return await put(webhooks, into: spool) }
        let result = await Database.$patience.withValue(spool == nil ? nil : Self.patience) {
            await write(webhooks)
        }
        guard case .failure(let error) = result else { return result }
        let cause = error.cause ?? error.message
        guard let spool else {
            writer.logger.warning("webhooks refused", metadata: ["cause": "\(cause)"])
            return .failure(Self.notStored(cause))
        }
        // Whatever kept the database from taking them. One of them may have been stored all the same, when the answer to
        // its commit was lost: it is known again when the spool is drained.
        return await put(webhooks, into: spool)
    }

    private func write(_ webhooks: [ReceivedWebhook]) async -> Result<Void, GatewayError> {
        do throws(GatewayError) {
            try await writer.write(webhooks)
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private static func notStored(_ cause: String) -> GatewayError {
        GatewayError(.unavailable, "webhooks can't be stored just now; try again", cause: cause)
    }

    private func put(_ webhooks: [ReceivedWebhook], into spool: Spool) async -> Result<Void, GatewayError> {
        do {
            try await spool.append(webhooks)
            writer.counters.spooled.increment(by: webhooks.count)
            spoolFilled.raise()
            return .success(())
        } catch {
            let cause = GatewayError(wrapping: error)
            writer.logger.error("the spool takes no webhooks", metadata: ["cause": "\(cause.cause ?? cause.message)"])
            return .failure(Self.notStored(cause.cause ?? cause.message))
        }
    }
}
