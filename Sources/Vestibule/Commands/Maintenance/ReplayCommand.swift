import ArgumentParser
import Foundation
import Gateway
import WhatsApp

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Brings kept webhooks in again; nothing is doubled.",
        discussion: """
            Webhooks are kept for EVENT_TTL_DAYS. Use this after a mend: for those that failed, or, once an account is \
            configured, for those that had none (--only unrouted). After an upgrade, --only unsupported brings those in \
            again of which something could not be understood; messages that can be now take their right form.
            """)

    @Option(
        help:
            "Only webhooks of this state: failed, unsupported, partial, unrouted or processed. May be given several times."
    )
    var only: [String] = []

    @Option(help: "Only webhooks that came at or after this time, as 2026-07-25T17:20:00Z.")
    var since: String?

    @Option(help: "Only webhooks that came before this time.")
    var until: String?

    @Option(help: "Only webhooks that speak of this customer, as +15550100001.")
    var phone: String?

    func validate() throws { _ = try selection() }

    func run() async throws {
        let selection = try selection()
        try await Maintenance.run { gateway in
            let report = try await gateway.replay.replay(selection)
            print(
                """
                \(report.events) webhooks replayed: \(report.messages) messages and \(report.statuses) statuses were new, \
                \(report.changed) stored messages changed, \(report.failed) webhooks failed
                """)
        }
    }

    private func selection() throws -> ReplaySelection {
        var selection = ReplaySelection()
        if !only.isEmpty {
            selection.states = Set(
                try only.map { word in
                    guard let state = ReplaySelection.State(rawValue: word) else {
                        throw ValidationError(
                            "--only: expected failed, unsupported, partial, unrouted or processed, got \"\(word)\"")
                    }
                    return state
                })
        }
        selection.since = try time(since, "--since")
        selection.until = try time(until, "--until")
        if let phone {
            guard let number = PhoneNumber(phone) else {
                throw ValidationError("--phone: expected an international number as +15550100001")
            }
            selection.phone = number
        }
        return selection
    }

    private func time(_ text: String?, _ name: String) throws -> Int64? {
        guard let text else { return nil }
        guard let date = try? Date(text, strategy: .iso8601) else {
            throw ValidationError("\(name): expected a time as 2026-07-25T17:20:00Z, got \"\(text)\"")
        }
        return Int64(date.timeIntervalSince1970 * 1000)
    }
}
