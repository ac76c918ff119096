import ArgumentParser

struct ReadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "read", abstract: "Reads everything received.")

    @Argument(help: "The customer's number, as +15550100001.")
    var number: String

    @OptionGroup var simulator: SimulatorOption

    func run() async throws {
        try await simulator.with { client in
            let count = try await client.read(number)
            print(count == 1 ? "1 message read" : "\(count) messages read")
        }
    }
}
