/// What the LiveKit bridge counts.
struct LiveKitMetrics: Sendable {
    let roomsMade: Counter
    let dispatches: Counter
    let mirrored: Counter
    let failures: Counter
    let webhooks: Counter
    let refused: Counter

    init(_ metrics: Metrics) {
        roomsMade = metrics.counter("vestibule_livekit_rooms_total", help: "Rooms made in LiveKit.")
        dispatches = metrics.counter(
            "vestibule_livekit_dispatches_total", help: "Agents sent for, beside those that a room is made with.")
        mirrored = metrics.counter("vestibule_livekit_events_total", help: "Events sent to those in LiveKit rooms.")
        failures = metrics.counter(
            "vestibule_livekit_failures_total", help: "Runs of LiveKit jobs that LiveKit's refusal or absence ended.")
        webhooks = metrics.counter("vestibule_livekit_webhooks_total", help: "Webhooks taken from LiveKit.")
        refused = metrics.counter(
            "vestibule_livekit_signatures_refused_total",
            help: "LiveKit webhooks refused for a wrong or missing signature.")
    }
}
