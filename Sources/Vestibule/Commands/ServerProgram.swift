import Gateway
import Hummingbird
import Logging
import ServiceLifecycle
import Simulator

/// The running server: opens the gateway, serves until a signal, finishes what is in hand.
struct ServerProgram: Sendable {
    /// How long a graceful stop may take before what still runs is cancelled.
    static let stopTime: Duration = .seconds(30)

    let settings: Settings
    let simulation: Simulation?
    let logger: Logger

    func run() async throws {
        let server = GatewayServer(settings: settings, simulation: simulation, logger: logger)
        // Services stop in reverse order: the server before the simulator that it sends through.
        var services: [any Service] = [server]
        if let simulation { services.insert(simulation.simulator, at: 0) }
        var configuration = ServiceGroupConfiguration(
            services: services.map(\.stoppingAllWhenItEnds), gracefulShutdownSignals: [.sigterm, .sigint],
            logger: Logger(label: "lifecycle", level: .warning))
        configuration.maximumGracefulShutdownDuration = Self.stopTime
        configuration.maximumCancellationDuration = .seconds(5)
        try await ServiceGroup(configuration: configuration).run()
        logger.info("stopped")
    }
}

/// The gateway and the HTTP server in front of it, as one service that starts when the simulator, if any, is up.
struct GatewayServer: Service {
    let settings: Settings
    let simulation: Simulation?
    let logger: Logger

    func run() async throws {
        var settings = settings
        settings.gateway.replyDraft = { try SendBody.toRoom($0) }
        var simulatorPort: Int?
        if let simulation {
            do {
                let port = try await simulation.simulator.listening()
                simulation.connect(&settings, port: port)
                simulatorPort = port
            } catch is SimulatorStopped {
                // The simulator says itself why.
                return
            }
        }
        let metrics = Metrics()
        let gateway = try await Gateway.open(settings.gateway, metrics: metrics, logger: logger)
        let application = GatewayApplication(gateway: gateway, metrics: metrics, settings: settings, logger: logger)
            .application { [settings, simulatorPort] port in
                announce(settings, port: port, simulatorPort: simulatorPort)
            }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: (gateway.services + [application]).map(\.stoppingAllWhenItEnds),
                logger: Logger(label: "lifecycle", level: .warning)))
        do {
            try await group.run()
        } catch {
            await gateway.close()
            throw error
        }
        await gateway.close()
    }

    private func announce(_ settings: Settings, port: Int, simulatorPort: Int?) {
        let base = HostAddress.url(host: settings.host, port: port)
        logger.info(
            "listening",
            metadata: [
                "url": "\(base)", "webhook.url": "\(settings.publicURL ?? base)/whatsapp/webhook",
                "version": "\(VestibuleProgram.version)",
            ])
        guard let simulation, let simulatorPort else { return }
        simulation.simulator.setWebhook(url: "\(base)/whatsapp/webhook")
        let tour = Tour(
            gateway: base, simulator: HostAddress.url(host: simulation.simulator.settings.host, port: simulatorPort),
            program: Console.program, needsKey: !settings.apiKeys.isEmpty)
        StandardStream.output.write(tour.text)
    }
}

/// Where a server that listens on `host` is reached from the same machine.
enum HostAddress {
    static func url(host: String, port: Int) -> String {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        let reachable = bare == "0.0.0.0" ? "127.0.0.1" : bare == "::" ? "::1" : bare
        return reachable.contains(":") ? "http://[\(reachable)]:\(port)" : "http://\(reachable):\(port)"
    }
}

extension Logger {
    fileprivate init(label: String, level: Logger.Level) {
        self.init(label: label)
        logLevel = level
    }
}

extension Service {
    /// When one service ends, for whatever reason, the others finish what they have in hand.
    fileprivate var stoppingAllWhenItEnds: ServiceGroupConfiguration.ServiceConfiguration {
        .init(
            service: self, successTerminationBehavior: .gracefullyShutdownGroup,
            failureTerminationBehavior: .gracefullyShutdownGroup)
    }
}
