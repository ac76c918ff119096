import ArgumentParser

struct InboxCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inbox", abstract: "Shows what a phone wrote and received, oldest first.")

    @Argument(help: "The customer's number, as +15550100001.")
    var number: String

    @Option(help: ArgumentHelp("How many messages, at most.", valueName: "count"))
    var limit = 20

    @Flag(help: "Print the simulator's own JSON.")
    var json = false

    @OptionGroup var simulator: SimulatorOption

    func validate() throws {
        guard (1...5000).contains(limit) else { throw ValidationError("--limit: expected a number from 1 to 5000") }
    }

    func run() async throws {
        try await simulator.with { client in
            let inbox = try await client.inbox(of: number, limit: limit)
            print(json ? inbox.text : PhoneInbox(inbox).text)
        }
    }
}
