import Gateway
import Logging
import Simulator
import WhatsApp

/// The simulator in the server's own process, in place of Meta.
struct Simulation: Sendable {
    let simulator: Simulator

    init(port: Int, logger: Logger) {
        var settings = SimulatorSettings()
        settings.port = port
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        simulator = Simulator(settings: settings, logger: quiet)
    }

    /// Gives the default account the simulator's credentials.
    func apply(to settings: inout Settings) {
        let simulated = simulator.settings
        settings.gateway.account = DefaultAccount(
            phoneNumberID: simulated.phoneNumberID, businessAccountID: simulated.businessAccountID,
            accessToken: Secret(simulated.accessToken))
        settings.appSecrets = [Secret(simulated.appSecret)]
        settings.verifyToken = Secret(simulated.verifyToken)
    }

    /// Points the server at the simulator, once that has a port.
    func connect(_ settings: inout Settings, port: Int) {
        settings.gateway.graphURL = "http://\(simulator.settings.host):\(port)"
    }
}
