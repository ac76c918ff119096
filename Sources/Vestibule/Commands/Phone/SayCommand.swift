import ArgumentParser

struct SayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "say", abstract: "Writes a text to the business.")

    @Argument(help: "The customer's number, as +15550100001.")
    var number: String

    @Argument(help: "What to say.")
    var text: String

    @Option(help: ArgumentHelp("Id of the message to answer.", valueName: "id"))
    var replyTo: String?

    @OptionGroup var simulator: SimulatorOption

    func run() async throws {
        try await simulator.with { client in
            print(try await client.say(text, from: number, replyTo: replyTo))
        }
    }
}
