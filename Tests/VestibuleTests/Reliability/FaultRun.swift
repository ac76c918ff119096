import Foundation
import JSON
import Testing

/// A gateway under load while something fails: the fault begins, lasts, ends, and everything is level again without a
/// restart.
struct FaultRun: Sendable {
    let site: Site
    let stores: Stores

    /// Runs that go on at the same time.
    private static let seats = Seats(3)

    /// What the fault did to callers, and how long until nothing waited any more.
    struct Outcome: Sendable {
        let webhooks: FaultLoad.Seen
        let sends: FaultLoad.Seen
        let level: Duration
        let audit: FaultAudit
    }

    /// Runs the gateway on databases of the test's own, in place of those of `Site`.
    static func run(
        _ postgres: FaultPostgres, _ mongo: FaultMongo? = nil, _ body: @Sendable (FaultRun) async throws -> Void
    ) async throws {
        // A send whose answer was lost is settled within the test.
        var environment = ["UNKNOWN_SEND_GRACE": "2", "DATABASE_URL": postgres.url]
        environment["MONGODB_URI"] = mongo?.uri
        let stores = Stores(environment: [:], location: postgres.location, mongoURI: mongo?.directURI)
        try await Site.run(.sqlite, environment: environment) { site in
            try await body(FaultRun(site: site, stores: stores))
        }
    }

    /// Takes part in the run of all faults, so many at a time.
    static func seated(_ body: () async throws -> Void) async throws { try await seats.taking(body) }

    /// Puts the gateway under load, lets the fault happen, and looks at what became of the load.
    /// - Parameters:
    ///   - title: the table of the figures, and `name` the row in it.
    ///   - seconds: how long the fault lasts.
    func fault(
        _ title: String, _ name: String, lasting seconds: Int = Scale.faultSeconds,
        begin: @Sendable () async throws -> Void, end: @Sendable () async throws -> Void
    ) async throws -> Outcome {
        let load = FaultLoad(site, outage: seconds)
        try await load.openWindows()
        let level = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await load.run() }
            try await eventually("the load runs") { load.webhooks.total > 100 && load.sends.total > 5 ? true : nil }
            try await begin()
            try await Task.sleep(for: .seconds(seconds))
            try await end()
            let start = ContinuousClock.now
            let (webhooks, sends) = (load.webhooks.taken, load.sends.taken)
            try await eventually("callers are answered again", within: .seconds(60)) {
                load.webhooks.taken > webhooks + 20 && load.sends.taken > sends ? true : nil
            }
            load.stop()
            try await group.waitForAll()
            try await waitUntilLevel()
            return start.duration(to: .now)
        }
        let audit = try await FaultAudit(load, in: site, stores)
        audit.expectClean()
        #expect(load.webhooks.withoutRetryAfter + load.sends.withoutRetryAfter == 0)
        let outcome = Outcome(webhooks: load.webhooks, sends: load.sends, level: level, audit: audit)
        try outcome.record(title, name)
        return outcome
    }

    /// Nothing waits in the spool, for the mirror, for Meta or for a status.
    private func waitUntilLevel() async throws {
        var state = ""
        do {
            try await eventually("all is level", within: .seconds(120)) { () -> Bool? in
                // Not being answered is a reason to ask again.
                guard let ready = try? await site.get("/ready") else { return nil }
                state = ready.text
                let depths = (ready.json["dependencies"]?.array ?? []).compactMap { $0["depth"]?.int }
                guard ready.json["status"] == "ready", depths.allSatisfy({ $0 == 0 }) else { return nil }
                let jobs = try await stores.count("SELECT COUNT(*) AS n FROM jobs WHERE state <> 'dead'")
                let open = try await stores.count(
                    "SELECT COUNT(*) AS n FROM chat_messages WHERE status IN ('pending', 'unknown')")
                state += " \(jobs) jobs, \(open) open messages"
                return jobs + open == 0 ? true : nil
            }
        } catch {
            Issue.record("not level: \(state)\n\(site.program.log.suffix(4000))")
            throw error
        }
    }
}

extension FaultRun.Outcome {
    fileprivate func record(_ title: String, _ name: String) throws {
        try Figures.record(
            title,
            [
                "Fault": name, "Webhooks": webhooks.words, "Longest": Figures.time(webhooks.longest),
                "Sends": sends.words, "Longest ": Figures.time(sends.longest), "Lost": "\(audit.lost.count)",
                "Doubled": "\(audit.doubled.count)", "Out of order": "\(audit.disordered.count)",
                "Level after": Figures.time(level),
            ])
    }
}
