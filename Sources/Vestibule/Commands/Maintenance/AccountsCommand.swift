import ArgumentParser
import Gateway

struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts", abstract: "Handles accounts.", subcommands: [AccountPlanCommand.self])
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
