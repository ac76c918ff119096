import ArgumentParser
import Logging
import Simulator

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Runs the server (the default command).")

    @Flag(help: "Run the simulator too, in place of Meta, and send through it.")
    var simulate = false

    @Flag(help: "Listen on other than loopback addresses even without API_KEYS or WHATSAPP_APP_SECRET.")
    var insecure = false

    @Option(help: ArgumentHelp("Port of the simulator, 0 for any.", valueName: "port"))
    var simulatorPort = 4000

    func validate() throws {
        guard (0...65_535).contains(simulatorPort) else {
            throw ValidationError("--simulator-port: expected a port number from 0 to 65535")
        }
    }

    func run() async throws {
        var (settings, logger) = try Console.settings()
        let simulation = simulate ? Simulation(port: simulatorPort, logger: logger) : nil
        simulation?.apply(to: &settings)
        for warning in settings.warnings { logger.warning("\(warning)") }
        if let warning = settings.accountWarning { logger.warning("\(warning)") }
        if simulate {
            for name in settings.simulatedOverrides { logger.warning("\(name.rawValue) is overridden by --simulate") }
        }
        try checkExposure(settings, logger)
        FileLimit.raise(logger)
        do {
            try await ServerProgram(settings: settings, simulation: simulation, logger: logger).run()
        } catch {
            throw Console.stop(
                StartFailure.explain(error, settings: settings, simulatorPort: simulate ? simulatorPort : nil))
        }
    }

    private func checkExposure(_ settings: Settings, _ logger: Logger) throws {
        let exposure = Exposure(settings, isSimulated: simulate)
        guard !exposure.isLoopback else { return }
        guard exposure.mayStart || insecure else {
            throw Console.stop(exposure.refusal(host: settings.host))
        }
        for door in exposure.openDoors { logger.warning("insecure: \(door)") }
    }
}
