/// What the LiveKit bridge counts.
struct LiveKitMetrics: Sendable {
    let roomsMade: Counter
    let dispatches: Counter
    let mirrored: Counter
    let failures: Counter
    let attended: Gauge
    let said: Counter
    let heard: Counter
    let dropped: Counter
    let webhooks: Counter
    let refused: Counter

    init(_ metrics: Metrics) {
        roomsMade = metrics.counter("vestibule_livekit_rooms_total", help: "Rooms made in LiveKit.")
        dispatches = metrics.counter(
            "vestibule_livekit_dispatches_total", help: "Agents sent for, beside those that a room is made with.")
        mirrored = metrics.counter("vestibule_livekit_events_total", help: "Events sent to those in LiveKit rooms.")
        failures = metrics.counter(
            "vestibule_livekit_failures_total", help: "Runs of LiveKit jobs that LiveKit's refusal or absence ended.")
        attended = metrics.gauge("vestibule_livekit_attended", help: "LiveKit rooms that this gateway is in.")
        said = metrics.counter("vestibule_livekit_said_total", help: "Messages of customers said in LiveKit rooms.")
        heard = metrics.counter(
            "vestibule_livekit_heard_total", help: "Texts of people and agents in LiveKit rooms taken for customers.")
        dropped = metrics.counter(
            "vestibule_livekit_dropped_total",
            help: "Texts in LiveKit rooms that were lost because too many waited to be stored.")
        webhooks = metrics.counter("vestibule_livekit_webhooks_total", help: "Webhooks taken from LiveKit.")
        refused = metrics.counter(
            "vestibule_livekit_signatures_refused_total",
            help: "LiveKit webhooks refused for a wrong or missing signature.")
    }
}
