import ArgumentParser
import Logging

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Shows what is set, tries every connection, and says how to mend what is broken.",
        discussion: "Secrets are never shown. Ends with exit code 1 when something is broken.")

    func run() async throws {
        let source = SettingsSource.ofProcess()
        print(SettingsListing(source).text)
        let settings: Settings
        do {
            settings = try Settings(source)
        } catch {
            for problem in error.problems {
                print(Finding.fail("settings", problem.description, mend: "correct it; nothing else was tried").text)
            }
            throw ExitCode.failure
        }
        // What the checks find is told below; the log would say it twice.
        let logger = Console.logger(settings.logFormat, .critical)
        let findings = await Doctor(settings: settings, logger: logger).examine { print($0.text) }
        let failures = findings.count { $0.outcome == .fail }
        let warnings = findings.count { $0.outcome == .warn }
        print("\n\(failures) broken, \(warnings) to look at, \(findings.count - failures - warnings) well")
        if failures > 0 { throw ExitCode.failure }
    }
}
