import ArgumentParser
import Gateway

struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "Handles accounts.",
        subcommands: [AccountPlanCommand.self, AccountAgentCommand.self])
}

struct AccountPlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Sets the plan of an account: how many turns its jobs get when many wait.")

    @Argument(help: "The account, as default.")
    var account: String

    @Argument(help: "standard, premium or enterprise.")
    var plan: String

    func validate() throws {
        guard AccountPlan(rawValue: plan) != nil else {
            throw ValidationError("expected one of \(AccountPlan.allCases.map(\.rawValue).joined(separator: ", "))")
        }
    }

    func run() async throws {
        guard let plan = AccountPlan(rawValue: plan) else { return }
        try await Maintenance.run { gateway in
            try await gateway.accounts.setPlan(plan, of: AccountID(rawValue: account))
            print("\(account): \(plan.rawValue)")
        }
    }
}

struct AccountAgentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent", abstract: "Sets the agent that LiveKit sends into an account's rooms.")

    @Argument(help: "The account, as default.")
    var account: String

    @Argument(help: "The agent's name.")
    var agent: String?

    @Flag(help: "Send none.")
    var none = false

    func validate() throws {
        if none, agent != nil { throw ValidationError("give a name or --none, not both") }
        if let agent, !(1...256).contains(agent.unicodeScalars.count) {
            throw ValidationError("expected a name of at most 256 characters")
        }
    }

    func run() async throws {
        try await Maintenance.run { gateway in
            try await gateway.accounts.setLiveKitAgent(none ? "" : agent, of: AccountID(rawValue: account))
            print("\(account): \(none ? "no agent" : agent ?? "the agent of LIVEKIT_AGENT_NAME")")
        }
    }
}
