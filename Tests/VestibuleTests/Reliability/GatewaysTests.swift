import Testing

/// Two and three gateways on one PostgreSQL, one of them killed again and again while all receive and send.
@Suite(.timeLimit(.minutes(60)), .enabled(if: Storage.isCI || Storage.databaseURL != nil, Storage.hint))
struct GatewaysTests {
    /// Every so many kills the dead gateway stays away until others have taken over its work.
    private static let rescueEvery = 10

    @Test(arguments: [2, 3])
    func `a gateway that is killed among others costs nothing that was acknowledged`(_ count: Int) async throws {
        let seed = Scale.crashSeed
        try await CrashGateways.run(.postgres, count: count, environment: CrashSending.environment) { gateways in
            let sending = try await CrashSending(gateways, seed: seed)
            let traffic = try await CrashTraffic(gateways, seed: seed)
            var moments = CrashMoments(seed: seed)
            var rescues: [Duration] = []
            try await sending.during {
                try await traffic.during {
                    for round in 0..<Scale.crashRounds {
                        try await CrashMoments.wait(moments.next()) { traffic.ledger.counts.webhooks }
                        await gateways.kill(0)
                        if round % Self.rescueEvery == 0 { rescues.append(try await gateways.rescue()) }
                        try await gateways.start(0)
                        try await CrashCheck.expectDense(gateways.site)
                    }
                }
            }
            let level = try await sending.level()
            let receiving = try await CrashReceiveCheck(traffic)
            let sends = try await CrashSendCheck(gateways, sending.ledger)
            let (received, sent) = (traffic.ledger.counts, sending.ledger.counts)
            #expect(received.abandoned == 0 && sent.abandoned == 0, "seed \(seed)")
            try Figures.record(
                "Several gateways, one killed",
                [
                    "Gateways": "\(count)", "Kills": "\(Scale.crashRounds)", "Messages in": "\(received.messages)",
                    "Sends": "\(sent.acknowledged)", "Sends reported failed": "\(sends.failed)",
                    "Lost": "\(receiving.lost + sends.lost)", "Doubled": "\(receiving.doubled + sends.doubled)",
                    "Out of order": "\(receiving.outOfOrder + sends.outOfOrder)",
                    "Rescue of its jobs": Figures.times(rescues), "Until level after the last": Figures.time(level),
                    "Seed": "\(seed)",
                ])
        }
    }
}
