import WhatsApp

/// What a send counts.
struct SendMetrics: Sendable {
    let metrics: Metrics
    let requestSeconds: Histogram

    init(_ metrics: Metrics) {
        self.metrics = metrics
        requestSeconds = metrics.histogram("vestibule_send_request_seconds", help: "Time of a send request to Meta.")
    }

    func count(_ verdict: SendVerdict) {
        let name =
            switch verdict {
            case .sent: "sent"
            case .retry: "retry"
            case .pause: "pause"
            case .fail: "fail"
            case .unknown: "unknown"
            }
        metrics.counter("vestibule_sends_total", help: "Send attempts by verdict.", labels: ["verdict": name])
            .increment()
    }
}
