import Fetch
import Foundation
import JSON
import Synchronization
import Testing

@testable import Simulator

/// One gateway or several on the same stores, each with a folder of its own, that are killed and started again while
/// others talk to them. Meta's side stays up.
final class CrashGateways: Sendable {
    let site: Site
    /// What was answered to all who called.
    let answers = CrashAnswers()
    private let settings: [String: String]
    private let programs: Mutex<[Program?]>

    private init(site: Site, settings: [String: String], count: Int) {
        self.site = site
        self.settings = settings
        programs = Mutex(Array(repeating: nil, count: count))
    }

    /// Runs `body` beside so many gateways, and ends them after it.
    /// - Parameter prepare: done before the first of them starts; gives settings beside, or in place of, the site's.
    static func run(
        _ storage: Storage, count: Int = 1, environment: [String: String] = [:],
        prepare: @Sendable (Site) throws -> [String: String] = { _ in [:] },
        _ body: @Sendable (CrashGateways) async throws -> Void
    ) async throws {
        try await Site.run(storage, environment: environment) { site in
            // Its folder is not where these have theirs.
            await site.kill()
            let settings = site.settings.merging(try prepare(site)) { $1 }
            let gateways = CrashGateways(site: site, settings: settings, count: count)
            try await always {
                for index in 0..<count { _ = try await gateways.start(index) }
                try await body(gateways)
            } finally: {
                for index in 0..<count { await gateways.kill(index) }
            }
        }
    }

    /// - Returns: how long until it answered `/ready` with 200.
    @discardableResult
    func start(_ index: Int) async throws -> Duration {
        let begin = ContinuousClock.now
        let folder = site.folder.appending(path: "gateway-\(index)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Empty, so that no other is read.
        try Data().write(to: folder.appending(path: ".env"))
        let program = try await Program.serve(environment: settings, folder: folder, fetch: site.fetch)
        programs.withLock { $0[index] = program }
        site.simulator.setWebhook(url: program.base + "/whatsapp/webhook")
        try await eventually("the gateway is ready", within: .seconds(60)) {
            try await site.fetch.send(FetchRequest(url: program.base + "/ready")).status == 200 ? true : nil
        }
        return begin.duration(to: .now)
    }

    /// As a power failure would.
    func kill(_ index: Int) async {
        let program = programs.withLock { programs in
            defer { programs[index] = nil }
            return programs[index]
        }
        if let other = running.randomElement() { site.simulator.setWebhook(url: other + "/whatsapp/webhook") }
        await program?.kill()
    }

    private var running: [String] { programs.withLock { $0.compactMap { $0?.base } } }

    /// Makes a request to any gateway that runs.
    /// - Returns: nil when there was no answer.
    func call(_ method: String, _ path: String, _ body: [UInt8]?, headers: [(String, String)] = []) async
        -> FetchResponse?
    {
        // A moment without any gateway is over soon; the limit only keeps a broken test from hanging.
        let base = try? await eventually("a gateway runs", within: .seconds(90)) { self.running.randomElement() }
        guard let base else { return nil }
        var request = FetchRequest(method: method, url: base + path, headers: headers)
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = .bytes(body)
        }
        request.timeout = .seconds(30)
        let begin = ContinuousClock.now
        // No answer is what the caller is told; why doesn't matter to it.
        let answer = try? await site.fetch.send(request)
        answers.add(answer, to: path, after: begin.duration(to: .now))
        return answer
    }

    /// Waits until the living have taken over every job that a gateway held when it was killed just now.
    /// - Returns: how long that took.
    func rescue() async throws -> Duration {
        let begin = ContinuousClock.now
        let held = try await claims()
        try await eventually("the dead gateway's jobs are taken over", within: .seconds(60)) {
            try await self.claims().isDisjoint(with: held) ? true : nil
        }
        return begin.duration(to: .now)
    }

    private func claims() async throws -> Set<String> {
        let rows = try await site.stores.rows("SELECT job_id, fence FROM jobs WHERE state = 'running'")
        return Set(try rows.map { "\(try $0.text("job_id")) \(try $0.integer("fence"))" })
    }

    /// Waits until nothing is left to do: nothing spooled, no job that could run, nothing that the mirror lacks.
    /// - Returns: how long that took.
    func level() async throws -> Duration {
        let begin = ContinuousClock.now
        do {
            try await eventually("all work is done", within: .seconds(180)) { () -> Bool? in
                guard try await self.spooled() == 0 else { return nil }
                let jobs = try await self.site.stores.count("SELECT COUNT(*) AS n FROM jobs WHERE state <> 'dead'")
                let unmirrored = try await self.site.stores.count("SELECT COUNT(*) AS n FROM mirror_outbox")
                return jobs == 0 && unmirrored == 0 ? true : nil
            }
        } catch {
            Issue.record("\(try await spooled()) in spools, and \(try await openJobs())")
            throw error
        }
        return begin.duration(to: .now)
    }

    private func openJobs() async throws -> [String] {
        let rows = try await site.stores.rows(
            "SELECT kind, state, attempts, run_at, last_error FROM jobs WHERE state <> 'dead' ORDER BY run_at LIMIT 5")
        return try rows.map { row in
            let (kind, state, error) = (try row.text("kind"), try row.text("state"), try row.textOrNil("last_error"))
            return "\(kind) \(state) \(try row.integer("attempts")) due \(try row.integer("run_at")): \(error ?? "-")"
        }
    }

    /// Webhooks in the spools of those who run.
    private func spooled() async throws -> Int64 {
        var depth: Int64 = 0
        for program in programs.withLock({ $0 }).compactMap(\.self) {
            let ready = try await site.fetch.send(FetchRequest(url: program.base + "/ready"))
            let dependencies = ready.json["dependencies"]?.array ?? []
            depth += dependencies.first { $0["name"] == "spool" }?["depth"]?.int ?? 0
        }
        return depth
    }
}
