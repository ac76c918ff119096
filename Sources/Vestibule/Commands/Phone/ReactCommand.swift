import ArgumentParser

struct ReactCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "react", abstract: "Reacts to a message of the business, the last one unless told which.")

    @Argument(help: "The customer's number, as +15550100001.")
    var number: String

    @Argument(help: "One emoji, or \"\" to take the reaction back.")
    var emoji: String

    @Option(help: ArgumentHelp("Id of the message.", valueName: "id"))
    var to: String?

    @OptionGroup var simulator: SimulatorOption

    func run() async throws {
        try await simulator.with { client in
            let inbox = to == nil ? PhoneInbox(try await client.inbox(of: number)) : nil
            guard let target = to ?? inbox?.lastFromBusiness else {
                throw Console.stop(
                    StartFailure(description: "\(number) has received nothing yet; name a message with --to"))
            }
            print(try await client.react(emoji, to: target, from: number))
        }
    }
}
