import Fetch
import JSON
import Logging
import Synchronization

/// The parts of the simulator, wired together once and shared by every request.
final class SimulatorCore: Sendable {
    let settings: SimulatorSettings
    let logger: Logger
    let fetch: FetchClient
    let timers = Timers()
    let held = HeldConnections()
    let bell = Bell()
    let faults = FaultBook()
    let shelf: MediaShelf
    let delivery: WebhookDelivery
    let exchange: Exchange
    /// What the business has put into its profile.
    let profile = Mutex<[String: JSON]>([:])
    private let port: Mutex<Int>

    init(settings: SimulatorSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        port = Mutex(settings.port)
        fetch = FetchClient(userAgent: "facebookexternalua", logger: logger)
        shelf = MediaShelf(limit: settings.mediaLimit)
        delivery = WebhookDelivery(settings: settings, fetch: fetch, timers: timers, logger: logger)
        exchange = Exchange(settings: settings, delivery: delivery, timers: timers, bell: bell)
    }

    /// Base of the addresses that are given out, without a slash at the end.
    var baseURL: String {
        if let url = settings.publicURL { return url.hasSuffix("/") ? String(url.dropLast()) : url }
        let host = settings.host.contains(":") ? "[\(settings.host)]" : settings.host
        return "http://\(host):\(port.withLock { $0 })"
    }

    func opened(port: Int) { self.port.withLock { $0 = port } }

    /// Ends timers, long polls, held connections, deliveries and what they have under way. May be called more than once.
    func stop() {
        timers.stop()
        bell.close()
        held.closeAll()
        delivery.stop()
        fetch.close()
    }
}
