/// What the ingest path counts.
struct IngestMetrics: Sendable {
    let webhooks: Counter
    let messages: Counter
    let duplicates: Counter
    let statuses: Counter
    let failed: Counter
    let refused: Counter
    let spooled: Counter
    let batchSize: Histogram
    let commitSeconds: Histogram

    init(_ metrics: Metrics) {
        webhooks = metrics.counter("vestibule_webhooks_total", help: "Webhooks committed.")
        messages = metrics.counter("vestibule_messages_received_total", help: "Messages stored from webhooks.")
        duplicates = metrics.counter("vestibule_messages_duplicate_total", help: "Messages that were stored already.")
        statuses = metrics.counter("vestibule_statuses_total", help: "New statuses stored.")
        failed = metrics.counter("vestibule_webhooks_failed_total", help: "Webhooks kept as failed raw events.")
        refused = metrics.counter(
            "vestibule_webhooks_refused_total", help: "Webhooks answered 503: the queue was full.")
        spooled = metrics.counter(
            "vestibule_webhooks_spooled_total", help: "Webhooks committed to the spool, the database being away.")
        batchSize = metrics.histogram(
            "vestibule_ingest_batch_webhooks", help: "Webhooks that shared a transaction.",
            buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512])
        commitSeconds = metrics.histogram("vestibule_ingest_commit_seconds", help: "Time of an ingest transaction.")
    }

    func count(_ webhooks: Int, _ result: IngestTransaction.Result, _ time: Duration) {
        self.webhooks.increment(by: webhooks)
        messages.increment(by: result.received)
        duplicates.increment(by: result.duplicates)
        statuses.increment(by: result.statuses)
        if webhooks > 0, time > .zero {
            batchSize.observe(Double(webhooks))
            commitSeconds.observe(time)
        }
    }
}
