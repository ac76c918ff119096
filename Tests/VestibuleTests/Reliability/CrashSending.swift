import JSON
import Testing

/// Many clients who send all the time, to customers of theirs.
struct CrashSending: Sendable {
    let gateways: CrashGateways
    let ledger = CrashSends()
    private let seed: UInt64

    /// What a gateway is to be run with: the grace time short enough for a test, the number's rate out of the way.
    static let environment = ["UNKNOWN_SEND_GRACE": "5", "WHATSAPP_SEND_RATE": "1000"]
    private static let clientCount = 32

    init(_ gateways: CrashGateways, seed: UInt64) async throws {
        self.gateways = gateways
        self.seed = seed
        // Statuses are reported until they are taken.
        try await gateways.site.meta.setDelivery(["retries": 1000, "retryGapMs": 50])
        let meta = gateways.site.meta
        try await meta.fault(
            match: ["path": "/messages", "messageContains": "answered late"],
            action: ["slowBody": ["chunkBytes": 100, "gapMs": 40]], times: -1)
        try await meta.fault(
            match: ["path": "/messages", "messageContains": "taken late"], action: ["delayMs": 60], times: -1)
    }

    /// All clients send for as long as `body` runs; what was begun is brought to its end.
    /// - Parameter pace: rested by each client after each message.
    func during(pace: Duration = .zero, _ body: () async throws -> Void) async throws {
        let stop = CrashFlag()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<Self.clientCount {
                group.addTask {
                    var client = CrashClient(number, gateways, ledger, seed: seed &+ UInt64(1000 + number))
                    await client.run(until: stop, pace: pace)
                }
            }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            stop.raise()
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Waits until each message has its outcome and Meta has nothing more to report.
    func level() async throws -> Duration {
        let begin = ContinuousClock.now
        try await eventually("every send has an outcome", within: .seconds(180)) {
            let open = try await gateways.site.stores.count(
                "SELECT COUNT(*) AS n FROM whatsapp_messages WHERE status IN ('pending', 'unknown')")
            let pending = try await gateways.site.meta.state()["webhooks"]?["pending"]?.int
            return open == 0 && pending == 0 ? true : nil
        }
        _ = try await gateways.level()
        return begin.duration(to: .now)
    }
}
