import ArgumentParser
import Logging
import ServiceLifecycle
import Simulator

struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate", abstract: "Runs the simulator alone: Graph API, media host, phones, faults.")

    @Option(help: ArgumentHelp("Address to listen on.", valueName: "host"))
    var host = "127.0.0.1"

    @Option(help: ArgumentHelp("Port to listen on, 0 for any.", valueName: "port"))
    var port = 4000

    @Option(help: ArgumentHelp("Where webhooks go, as http://127.0.0.1:3000/whatsapp/webhook.", valueName: "url"))
    var webhook: String?

    @Option(help: ArgumentHelp("Base of the media URLs given out, when not http://host:port.", valueName: "url"))
    var publicURL: String?

    @Option(help: ArgumentHelp("Key of the webhooks' signature.", valueName: "secret"))
    var appSecret: String?

    @Option(help: ArgumentHelp("Token of the webhook's verification.", valueName: "token"))
    var verifyToken: String?

    @Option(help: ArgumentHelp("Token that the Graph API asks for.", valueName: "token"))
    var accessToken: String?

    @Option(help: ArgumentHelp("Id of the business number.", valueName: "id"))
    var phoneNumberID: String?

    @Flag(help: "Fail free-form messages outside the 24-hour window, as Meta does.")
    var enforceWindow = false

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port: expected a port number from 0 to 65535")
        }
        for (name, url) in [("--webhook", webhook), ("--public-url", publicURL)] {
            if let url, WebAddress(url) == nil { throw ValidationError("\(name): expected an http or https address") }
        }
    }

    func run() async throws {
        let logger = Console.logger()
        let simulator = Simulator(settings: settings, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: simulator, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(10)
        let group = ServiceGroup(configuration: configuration)
        do {
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                tasks.addTask { try await announce(simulator) }
                try await tasks.waitForAll()
            }
        } catch {
            throw Console.stop(error)
        }
    }

    private var settings: SimulatorSettings {
        var settings = SimulatorSettings()
        settings.host = host
        settings.port = port
        settings.webhookURL = webhook
        settings.publicURL = publicURL
        settings.appSecret = appSecret ?? settings.appSecret
        settings.verifyToken = verifyToken ?? settings.verifyToken
        settings.accessToken = accessToken ?? settings.accessToken
        settings.phoneNumberID = phoneNumberID ?? settings.phoneNumberID
        settings.enforceWindow = enforceWindow
        return settings
    }

    private func announce(_ simulator: Simulator) async throws {
        let url = HostAddress.url(host: host, port: try await simulator.listening())
        let settings = simulator.settings
        StandardStream.output.write(
            """

            A simulated WhatsApp is at \(url). Point a gateway at it with:

              WHATSAPP_GRAPH_URL=\(url)
              WHATSAPP_PHONE_NUMBER_ID=\(settings.phoneNumberID)
              WHATSAPP_BUSINESS_ACCOUNT_ID=\(settings.businessAccountID)
              WHATSAPP_ACCESS_TOKEN=\(settings.accessToken)
              WHATSAPP_APP_SECRET=\(settings.appSecret)
              WHATSAPP_WEBHOOK_VERIFY_TOKEN=\(settings.verifyToken)

            Webhooks go to \(settings.webhookURL ?? "no one yet (--webhook, or PUT \(url)/sim/webhook)").
            More: curl \(url)/sim


            """)
    }
}
