import ArgumentParser
import Mongo

@main
struct VestibuleProgram: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "vestibule",
        abstract: "Gives every WhatsApp number a room.",
        discussion: "Settings come from the environment and from a .env file; `vestibule doctor` checks them.",
        version: version,
        subcommands: [
            ServeCommand.self, SimulateCommand.self, MigrateCommand.self, DoctorCommand.self, ReplayCommand.self,
            ReconcileCommand.self, EraseCommand.self, JobsCommand.self, AccountsCommand.self, PhoneCommand.self,
            ParticipantCommand.self,
        ],
        defaultSubcommand: ServeCommand.self)

    static func main() async {
        LibraryCounters.removeName()
        await main(nil)
    }
}
