import ArgumentParser
import Fetch
import JSON
import Logging
import Simulator

struct PhoneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "phone",
        abstract: "Is a customer's phone in a running simulator: writes, reads, reacts.",
        subcommands: [
            SayCommand.self, ImageCommand.self, ReactCommand.self, InboxCommand.self, ReadCommand.self,
            FaultCommand.self,
        ])
}

/// Where the simulator is, for every command of `phone`.
struct SimulatorOption: ParsableArguments {
    @Option(help: ArgumentHelp("Address of the simulator.", valueName: "url"))
    var simulator = "http://127.0.0.1:4000"

    func validate() throws {
        guard let address = WebAddress(simulator), address.isOrigin else {
            throw ValidationError("--simulator: expected an address such as http://127.0.0.1:4000")
        }
    }

    /// Runs `work` with a client, and ends with its error in plain words.
    func with(_ work: (SimulatorClient) async throws -> Void) async throws {
        let logger = Logger(label: "vestibule.phone") { LineLogHandler(label: $0, format: .text, level: .error) }
        let fetch = FetchClient(userAgent: "vestibule/\(VestibuleProgram.version)", logger: logger)
        defer { fetch.close() }
        do {
            try await work(SimulatorClient(baseURL: simulator, fetch: fetch))
        } catch let error as SimulatorClientError {
            throw Console.stop(error)
        }
    }
}
