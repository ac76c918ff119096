import Foundation
import SQL
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// Random sequences of what can happen, against a small reference model. A sequence that fails is shortened, and
/// told with its seed: `VESTIBULE_MODEL_SEED` runs from that seed on again.
@Suite(.serialized, .timeLimit(.minutes(720))) struct ModelTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let runs = environment["VESTIBULE_MODEL_RUNS"].flatMap(Int.init) ?? 100
    private static let firstSeed =
        environment["VESTIBULE_MODEL_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...1_000_000_000)
    /// Over one database.
    private static let together = 25
    /// A long run says so often how far it is.
    private static let between = 500

    @Test(arguments: Engines.all)
    func `whatever happens in whatever order, the gateway does as the reference`(_ engine: SQLEngine) async throws {
        // A run with outages on PostgreSQL takes several times as long as one on SQLite.
        let count = engine == .sqlite ? Self.runs : max(1, Self.runs / 5)
        print("model test on \(engine): \(count) sequences from seed \(Self.firstSeed) on")
        let start = ContinuousClock.now
        var next = 0
        var steps = 0
        while next < count {
            let seeds = (next..<min(count, next + Self.together)).map { Self.firstSeed + UInt64($0) }
            next += seeds.count
            let sequences = seeds.map { Self.steps(engine, $0) }
            steps += sequences.reduce(0) { $0 + $1.count }
            guard let failure = try await ModelLab.firstFailure(engine, sequences) else {
                if next % Self.between == 0 { print("model test on \(engine): \(next) sequences without a mistake") }
                continue
            }
            let steps = try await Self.shortened(engine, sequences[failure.index])
            Issue.record(
                """
                seed \(seeds[failure.index]): \(failure.mistakes.joined(separator: "; "))
                as short as it gets: \(steps.map(\.description).joined(separator: ", "))
                """)
            return
        }
        print("model test on \(engine): \(steps) steps in \(start.duration(to: .now))")
    }

    private static func steps(_ engine: SQLEngine, _ seed: UInt64) -> [ModelStep] {
        var random = ModelRandom(seed: seed)
        return ModelStep.sequence(&random, canLoseDatabase: engine == .postgres)
    }

    /// Leaves steps out for as long as what is left fails, too.
    private static func shortened(_ engine: SQLEngine, _ steps: [ModelStep]) async throws -> [ModelStep] {
        var steps = steps
        var size = max(1, steps.count / 2)
        while true {
            var start = 0
            var isShorter = false
            while start < steps.count {
                let shorter = Array(steps[..<start] + steps[min(steps.count, start + size)...])
                if try await ModelLab.firstFailure(engine, [shorter]) != nil {
                    steps = shorter
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { return steps }
            size = max(1, size / 2)
        }
    }
}

/// A database for a few sequences, one after the other.
private enum ModelLab {
    struct Failure: Sendable {
        let index: Int
        let mistakes: [String]
    }

    static func firstFailure(_ engine: SQLEngine, _ sequences: [[ModelStep]]) async throws -> Failure? {
        let meta = try ModelMeta()
        defer { meta.stop() }
        let server = engine == .postgres ? try URLComponents(string: #require(Engines.url)) : nil
        let proxy = try server.map { try OutageProxy(to: UInt16($0.port ?? 5432)) }
        defer { proxy?.stop() }
        let found = Found()
        try await Harness.run(engine, graphURL: meta.origin, isServing: false) { settings in
            settings.spoolDirectory = engine == .postgres ? settings.uploadsDirectory + "/spool" : nil
            guard let proxy, case .postgres(let url) = settings.database, var way = URLComponents(string: url) else {
                return
            }
            way.host = "127.0.0.1"
            way.port = Int(proxy.port)
            settings.database = .postgres(url: way.string ?? url)
        } _: { harness in
            for (index, steps) in sequences.enumerated() {
                let world = try await ModelWorld(harness, meta: meta, proxy: proxy, run: index)
                let outcome: Result<[String], any Error>
                do {
                    outcome = .success(try await world.follow(steps))
                } catch {
                    outcome = .failure(error)
                }
                await world.close()
                let mistakes = (try? outcome.get()) ?? ["\(outcome)"]
                if !mistakes.isEmpty { return found.set(Failure(index: index, mistakes: mistakes)) }
            }
        }
        return found.value
    }

    private final class Found: Sendable {
        private let failure = Mutex<Failure?>(nil)
        var value: Failure? { failure.withLock { $0 } }
        func set(_ new: Failure) { failure.withLock { $0 = new } }
    }
}
