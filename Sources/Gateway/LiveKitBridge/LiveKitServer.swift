import Fetch
import LiveKit

/// The LiveKit server as the bridge calls it.
struct LiveKitServer: Sendable {
    let url: ServerURL
    let key: APIKey
    let rooms: LiveKit.RoomService
    let dispatches: AgentDispatchService
    let receiver: WebhookReceiver
    private let fetch: FetchClient
    /// The wall clock of this machine: what is signed is judged by another machine's, and the other way round.
    let clock = Clock.system

    init(_ settings: LiveKitSettings, fetch: FetchClient) {
        self.fetch = fetch
        url = settings.url
        key = settings.key
        rooms = LiveKit.RoomService(
            fetch: fetch, url: settings.url, key: settings.key, timing: settings.timing, now: clock.now)
        dispatches = AgentDispatchService(
            fetch: fetch, url: settings.url, key: settings.key, timing: settings.timing, now: clock.now)
        receiver = WebhookReceiver(key: settings.key)
    }

    /// Asks for nothing but an answer.
    func ping(within patience: Duration) async throws(ServerError) {
        var timing = ServerTiming()
        timing.connect = patience
        timing.request = patience
        timing.total = patience
        timing.attempts = 1
        let rooms = LiveKit.RoomService(fetch: fetch, url: url, key: key, timing: timing, now: clock.now)
        _ = try await rooms.rooms(["vestibule"])
    }
}
