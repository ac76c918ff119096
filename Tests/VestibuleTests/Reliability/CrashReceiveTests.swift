import Testing

/// `kill -9` while customers write, again and again: what Meta was answered 200 for is there, once and in order.
@Suite(.timeLimit(.minutes(60)))
struct CrashReceiveTests {
    @Test(arguments: Storage.available)
    func `kills under load lose, double and disorder nothing that was acknowledged`(_ storage: Storage) async throws {
        let seed = Scale.crashSeed
        try await CrashGateways.run(storage) { gateways in
            let traffic = try await CrashTraffic(gateways, seed: seed)
            var moments = CrashMoments(seed: seed)
            var recoveries: [Duration] = []
            try await traffic.during {
                for _ in 0..<Scale.crashRounds {
                    try await CrashMoments.wait(moments.next()) { traffic.ledger.counts.webhooks }
                    await gateways.kill(0)
                    recoveries.append(try await gateways.start(0))
                    try await expectNothingLost(traffic)
                }
            }
            let level = try await gateways.level()
            let check = try await CrashReceiveCheck(traffic)
            let uploads = try await CrashUploadsCheck(
                gateways.site, pictures: traffic.pictures, ledger: traffic.ledger, stored: check.check.stores.room)

            let counts = traffic.ledger.counts
            #expect(counts.abandoned == 0 && counts.messages > 0 && counts.redelivered > 0, "seed \(seed)")
            try Figures.record(
                "Receiving, killed",
                [
                    "Storage": storage.testDescription, "Kills": "\(Scale.crashRounds)",
                    "Webhooks acknowledged": "\(counts.webhooks)", "Messages": "\(counts.messages)",
                    "Delivered again": "\(counts.redelivered)", "Lost": "\(check.lost)",
                    "Doubled": "\(check.doubled)", "Out of order": "\(check.outOfOrder)",
                    "Files left to the purge": "\(uploads.unused)", "Until ready": Figures.times(recoveries),
                    "Until level after the last": Figures.time(level), "Seed": "\(seed)",
                ])
        }
    }

    /// What was acknowledged before this look stands there now.
    private func expectNothingLost(_ traffic: CrashTraffic) async throws {
        let acknowledged = Int64(traffic.ledger.counts.messages)
        let site = traffic.gateways.site
        let stored = try await site.stores.count(
            "SELECT COUNT(*) AS n FROM whatsapp_messages WHERE direction = 'incoming'")
        #expect(stored >= acknowledged)
        try await CrashCheck.expectDense(site)
    }
}
