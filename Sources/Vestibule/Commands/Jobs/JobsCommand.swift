import ArgumentParser
import Gateway

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Shows jobs, tries dead ones again, holds them back and lets them go.",
        subcommands: [
            JobsListCommand.self, JobsRequeueCommand.self, JobsPauseCommand.self, JobsResumeCommand.self,
        ], defaultSubcommand: JobsListCommand.self)
}

/// Which jobs a command speaks of.
struct JobScopeOptions: ParsableArguments {
    @Option(help: "Only jobs of this account.")
    var account: String?

    @Option(help: ArgumentHelp("Only jobs of this kind: \(JobScope.kinds.joined(separator: ", "))."))
    var kind: String?

    func validate() throws {
        guard kind.map(JobScope.kinds.contains) ?? true else {
            throw ValidationError("--kind: expected one of \(JobScope.kinds.joined(separator: ", "))")
        }
    }

    func scope() throws -> JobScope {
        try JobScope(account: account.map(AccountID.init(rawValue:)), kind: kind)
    }
}

struct JobsListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists jobs, the newest first.")

    @OptionGroup var options: JobScopeOptions

    @Option(help: "Only jobs of this state: open, running or dead.")
    var state: String?

    @Option(help: "At most so many.")
    var limit = 100

    func validate() throws {
        guard state.map({ JobSummary.State(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--state: expected open, running or dead")
        }
        guard (1...100_000).contains(limit) else {
            throw ValidationError("--limit: expected a number from 1 to 100000")
        }
    }

    func run() async throws {
        try await Maintenance.run { gateway in
            let page = try await gateway.jobControl.list(
                options.scope(), state: state.flatMap(JobSummary.State.init(rawValue:)), limit: limit)
            for pause in page.pauses { print(pause.line) }
            for job in page.jobs { print(job.line) }
            if page.nextBefore != nil { print("there are more; --limit shows them") }
            if page.jobs.isEmpty { print("no jobs") }
        }
    }
}

struct JobsRequeueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "requeue", abstract: "Tries dead jobs again: those named, or with --all all of a kind or account.",
        discussion: "A message that may have reached the customer is never sent again.")

    @Argument(help: "Ids of dead jobs.")
    var ids: [String] = []

    @Flag(help: "All dead jobs.")
    var all = false

    @OptionGroup var options: JobScopeOptions

    func validate() throws {
        guard all != !ids.isEmpty else { throw ValidationError("name jobs, or say --all") }
        guard all || (options.account == nil && options.kind == nil) else {
            throw ValidationError("--account and --kind go with --all")
        }
    }

    func run() async throws {
        try await Maintenance.run { gateway in
            for id in ids {
                let job = try await gateway.jobControl.requeue(id)
                print("requeued \(job.id)")
            }
            guard all else { return }
            var (requeued, refused) = (0, 0)
            var after: String?
            repeat {
                let report = try await gateway.jobControl.requeueAll(options.scope(), limit: 1000, after: after)
                requeued += report.requeued
                refused += report.refused
                after = report.nextAfter
            } while after != nil
            print("\(requeued) jobs requeued, \(refused) stay dead")
        }
    }
}

struct JobsPauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Holds jobs back on all gateways: all, or those of an account or a kind.")

    @OptionGroup var options: JobScopeOptions

    func run() async throws {
        try await Maintenance.run { gateway in
            for pause in try await gateway.jobControl.pause(options.scope()) { print(pause.line) }
        }
    }
}

struct JobsResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Lets go what was held back: all, or that of an account or a kind.")

    @OptionGroup var options: JobScopeOptions

    func run() async throws {
        try await Maintenance.run { gateway in
            let left = try await gateway.jobControl.resume(options.scope())
            for pause in left { print(pause.line) }
            if left.isEmpty { print("nothing is paused") }
        }
    }
}

extension JobSummary {
    /// One line; of the room only the end, which is part of a phone number.
    fileprivate var line: String {
        var line = "\(id) \(kind) \(state.rawValue) account=\(account) attempts=\(attempts) failures=\(failures)"
        if let room { line += " room=…\(room.suffix(4))" }
        if let messageID { line += " message=\(messageID)" }
        if let lastError { line += " error=\"\(lastError)\"" }
        return line
    }
}

extension JobPause {
    fileprivate var line: String {
        "paused: \(scope.account.map { "account \($0.rawValue)" } ?? "all accounts"), \(scope.kind ?? "all kinds")"
    }
}
