/// What deliveries to endpoints count.
struct EndpointMetrics: Sendable {
    let seconds: Histogram
    private let metrics: Metrics

    init(_ metrics: Metrics) {
        self.metrics = metrics
        seconds = metrics.histogram("vestibule_webhook_delivery_seconds", help: "Time of a delivery to an endpoint.")
    }

    func count(_ outcome: EndpointDelivery.Outcome) {
        metrics.counter(
            "vestibule_webhook_deliveries_total", help: "Deliveries of events to endpoints, by outcome.",
            labels: ["outcome": outcome.rawValue]
        ).increment()
    }

    func count(_ reply: EndpointReplies.Result) {
        let outcome: String
        switch reply {
        case .said: outcome = "said"
        case .refused: outcome = "refused"
        case .later: return
        }
        metrics.counter(
            "vestibule_webhook_replies_total", help: "Replies in the answers of endpoints, by what became of them.",
            labels: ["outcome": outcome]
        ).increment()
    }
}
