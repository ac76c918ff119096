import ArgumentParser
import Gateway
import Logging
import SQL

struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate", abstract: "Brings the database's schema up to date.")

    func run() async throws {
        let (settings, logger) = try Console.settings()
        do {
            let database = try await Database.open(settings.gateway.database, logger: logger)
            let report: MigrationReport
            do {
                report = try await database.migrate(Gateway.migrations)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
            for name in report.applied { print("applied \(name)") }
            print(
                report.applied.isEmpty
                    ? "the schema is up to date at version \(report.to)"
                    : "the schema went from version \(report.from) to \(report.to)")
        } catch {
            throw Console.stop(error)
        }
    }
}
