struct SearchMetrics: Sendable {
    let indexed: Counter
    let behind: Gauge

    init(_ metrics: Metrics) {
        indexed = metrics.counter(
            "vestibule_search_messages_total", help: "Messages brought into the search index.")
        behind = metrics.gauge(
            "vestibule_search_events_behind", help: "Events that the search index has not gone through.")
    }
}
