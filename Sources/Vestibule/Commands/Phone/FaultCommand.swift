import ArgumentParser
import JSON

struct FaultCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault",
        abstract: "Makes sends fail: with an error of Meta's, or by a lost connection.",
        discussion: "Without a kind of failure it lists the faults. `curl` at /sim/faults can do more.")

    enum Moment: String, ExpressibleByArgument, CaseIterable {
        case before, after
    }

    @Argument(help: "The recipient's number; without one every send is meant.")
    var number: String?

    @Option(help: ArgumentHelp("Fail with this error of Meta's, as 131056.", valueName: "code"))
    var code: Int?

    @Option(help: "Cut the connection before or after the message was taken.")
    var reset: Moment?

    @Option(help: ArgumentHelp("How many sends fail, -1 for all.", valueName: "count"))
    var times = 1

    @Flag(help: "Remove all faults.")
    var clear = false

    @OptionGroup var simulator: SimulatorOption

    func validate() throws {
        guard [code != nil, reset != nil, clear].count(where: { $0 }) <= 1 else {
            throw ValidationError("give one of --code, --reset and --clear")
        }
        guard times == -1 || times > 0 else { throw ValidationError("--times: expected 1 or more, or -1 for all") }
    }

    func run() async throws {
        try await simulator.with { client in
            if clear {
                try await client.removeFaults()
                print("no faults")
            } else if let action {
                print(try await client.fault(match: match, action: action, times: times))
            } else {
                let faults = try await client.faults()
                print(faults.isEmpty ? "no faults" : faults.map(\.text).joined(separator: "\n"))
            }
        }
    }

    private var action: JSON? {
        if let code { return ["code": .integer(Int64(code))] }
        return reset.map { ["reset": .string($0.rawValue)] }
    }

    private var match: JSON {
        number.map { ["to": .string($0)] } ?? [:]
    }
}
