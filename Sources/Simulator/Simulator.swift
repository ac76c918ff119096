import Fetch
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// A stand-in for Meta: Graph API, media host, signed webhooks, and phones that write, receive, read and answer.
///
/// It keeps its state in memory (media in a temporary folder) and forgets all of it when it stops.
package final class Simulator: Service {
    package let settings: SimulatorSettings
    private let logger: Logger
    private let readiness = Readiness()
    private let core: SimulatorCore

    package init(settings: SimulatorSettings, logger: Logger) {
        self.settings = settings
        self.logger = logger
        core = SimulatorCore(settings: settings, logger: logger)
    }

    /// Waits until the port is open.
    /// - Throws: `SimulatorStopped` when `run()` ended before that.
    /// - Returns: the port, also when the settings said 0.
    package func listening() async throws -> Int { try await readiness.wait() }

    /// Sends webhooks here from now on; the address is not verified (use `PUT /sim/webhook` for that).
    package func setWebhook(url: String?) { core.delivery.setURL(url) }

    /// Serves until graceful shutdown or cancellation; requests on hold are cut off then.
    package func run() async throws {
        defer {
            readiness.end()
            core.shelf.removeAll()
        }
        let responder = SimulatorResponder(core: core)
        let app = Application(
            responder: responder,
            server: .http1(configuration: .init(idleTimeout: .seconds(60))),
            configuration: .init(address: .hostname(settings.host, port: settings.port), backlog: 1024),
            onServerRunning: { [core, readiness] channel in
                let port = channel.localAddress?.port ?? 0
                core.opened(port: port)
                readiness.open(port: port)
            },
            logger: logger)
        let server = ServiceGroup(services: [app], logger: logger)
        // Told to stop and never cancelled: NIO ends the program when a connection comes in while its server is cancelled.
        let serving = Task { try await server.run() }
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await serving.value }
                group.addTask { [core] in await core.delivery.run() }
                do {
                    try await group.next()
                } catch {
                    core.stop()
                    throw error
                }
                core.stop()
                try await group.waitForAll()
            }
        } onCancelOrGracefulShutdown: { [core] in
            core.stop()
            Task { await server.triggerGracefulShutdown() }
        }
    }
}

/// `run()` ended before the port was open.
package struct SimulatorStopped: Error {}
