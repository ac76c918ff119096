import Testing

/// `kill -9` while clients send, again and again: what they were told was taken reaches Meta once and in order, or is
/// reported as failed.
@Suite(.timeLimit(.minutes(60)))
struct CrashSendTests {
    @Test(arguments: Storage.available)
    func `kills under load send nothing twice, and lose nothing without a word`(_ storage: Storage) async throws {
        let seed = Scale.crashSeed
        try await CrashGateways.run(storage, environment: CrashSending.environment) { gateways in
            let sending = try await CrashSending(gateways, seed: seed)
            var moments = CrashMoments(seed: seed, longest: 3000, most: 40)
            var recoveries: [Duration] = []
            try await sending.during {
                for _ in 0..<Scale.crashRounds {
                    try await CrashMoments.wait(moments.next()) { sending.ledger.counts.acknowledged }
                    await gateways.kill(0)
                    recoveries.append(try await gateways.start(0))
                }
            }
            let level = try await sending.level()
            let check = try await CrashSendCheck(gateways, sending.ledger)
            let counts = sending.ledger.counts
            #expect(counts.abandoned == 0 && counts.acknowledged > 0 && counts.repeated > 0, "seed \(seed)")
            try Figures.record(
                "Sending, killed",
                [
                    "Storage": storage.testDescription, "Kills": "\(Scale.crashRounds)",
                    "Acknowledged": "\(counts.acknowledged)", "Asked again": "\(counts.repeated)",
                    "Received once": "\(check.receivedOnce)", "Reported failed": "\(check.failed)",
                    "of these received": "\(check.failedAndReceived)", "Lost": "\(check.lost)",
                    "Doubled": "\(check.doubled)", "Out of order": "\(check.outOfOrder)",
                    "Until ready": Figures.times(recoveries), "Until level after the last": Figures.time(level),
                    "Seed": "\(seed)",
                ])
        }
    }
}
