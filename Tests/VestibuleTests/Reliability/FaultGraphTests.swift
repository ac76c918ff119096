import Testing

/// Meta's side fails under load: what was acknowledged is received once and in order, or reported as failed, and never
/// sent again blindly.
@Suite(.timeLimit(.minutes(60)))
struct FaultGraphTests {
    /// Every answer that doesn't say whether the message was taken makes it `unknown` for so long.
    private static let environment = CrashSending.environment.merging(["UNKNOWN_SEND_GRACE": "2"]) { $1 }
    /// More than a message is given attempts.
    private static let pauses: Int64 = 4

    @Test(arguments: FaultGraph.allCases)
    func `no answer of Meta's makes a message arrive twice, or get lost without a word`(_ fault: FaultGraph)
        async throws
    {
        try await CrashGateways.run(.sqlite, environment: Self.environment) { gateways in
            let sending = try await CrashSending(gateways, seed: Scale.crashSeed)
            let meta = gateways.site.meta
            // Its own slowness would stand before the fault.
            try await meta.removeFaults()
            var struck: Int64 = 0
            var end = ContinuousClock.now
            try await sending.during(pace: .milliseconds(50)) {
                try await more(60, of: sending)
                try await meta.fault(match: ["method": "POST", "path": "/messages"], action: fault.action, times: -1)
                // The length of the fault itself.
                try await Task.sleep(for: .seconds(Scale.faultSeconds))
                if fault.isPause { try await expectPausedOften(gateways) }
                // A slow machine may need longer until enough was struck.
                struck = try await eventually("requests are struck", within: .seconds(60)) {
                    let hits = try await meta.faults().first?["hits"]?.int ?? 0
                    return hits >= 20 ? hits : nil
                }
                try await meta.removeFaults()
                end = .now
                try await more(60, of: sending)
            }
            _ = try await sending.level()
            let level = end.duration(to: .now)
            let check = try await CrashSendCheck(gateways, sending.ledger, metaRefuses: fault.isRefusal)
            #expect(struck > 0)
            #expect(!fault.isHarmless || check.failed == 0)
            #expect(!fault.leavesOpen || check.failed > 0)
            #expect(fault.takes || check.failedAndReceived == 0)
            let counts = sending.ledger.counts
            #expect(counts.abandoned == 0)
            try Figures.record(
                "Faults of Meta",
                [
                    "Fault": fault.rawValue, "Acknowledged": "\(counts.acknowledged)", "Requests struck": "\(struck)",
                    "Received once": "\(check.receivedOnce)", "Reported failed": "\(check.failed)",
                    "of these received": "\(check.failedAndReceived)", "Lost": "\(check.lost)",
                    "Doubled": "\(check.doubled)", "Out of order": "\(check.outOfOrder)",
                    "Longest answer": Figures.time(gateways.answers.sends.longest), "Level after": Figures.time(level),
                ])
        }
    }

    /// Waits until so many more are acknowledged.
    private func more(_ count: Int, of sending: CrashSending) async throws {
        let goal = sending.ledger.counts.acknowledged + count
        try await eventually("clients are answered", within: .seconds(120)) {
            sending.ledger.counts.acknowledged >= goal ? true : nil
        }
    }

    /// A message that Meta has put off more often than it may be tried still has all of its attempts.
    private func expectPausedOften(_ gateways: CrashGateways) async throws {
        try await eventually("a message was put off so often", within: .seconds(60)) {
            try await gateways.site.stores.count(
                "SELECT COUNT(*) AS n FROM jobs WHERE pauses >= $1", [.integer(Self.pauses)]) > 0 ? true : nil
        }
        #expect(try await gateways.site.stores.count("SELECT COUNT(*) AS n FROM jobs WHERE attempts > 0") == 0)
    }
}
