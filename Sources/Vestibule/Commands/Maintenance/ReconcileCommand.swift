import ArgumentParser
import Gateway

struct ReconcileCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconcile",
        abstract: "Compares MongoDB with the SQL database, room by room, and repairs MongoDB.",
        discussion:
            "SQL is the truth. What a running gateway is just copying can show as missing or stale for a moment.")

    @Flag(name: .customLong("dry-run"), help: "Only report what differs; exit code 1 when anything does.")
    var isDryRun = false

    func run() async throws {
        try await Maintenance.run { gateway in
            guard let service = gateway.reconcile else {
                throw GatewayError(.invalid, "there is no mirror to compare: MONGODB_URI is not set")
            }
            let report = try await service.reconcile(repairing: !isDryRun)
            for room in report.differences {
                print(
                    """
                    \(room.collection) \(room.room): \(room.missing) missing, \(room.stale) stale, \
                    \(room.surplus) surplus, \(room.ahead) ahead
                    """)
            }
            for document in report.refused {
                print(
                    """
                    \(document.collection) \(document.room): MongoDB refused \(document.id) \(document.failures) times: \
                    \(document.reason)
                    """)
            }
            print(
                """
                \(report.compared) documents compared, \(report.differences.count) rooms differed, \
                \(report.refused.count) documents refused: \(end(report))
                """)
            if isDryRun ? !report.isLevel : !report.refused.isEmpty { throw ExitCode.failure }
        }
    }

    private func end(_ report: ReconcileReport) -> String {
        if report.isLevel { return "level" }
        if isDryRun { return "not level" }
        return report.refused.isEmpty ? "repaired" : "repaired but for what MongoDB refuses"
    }
}
