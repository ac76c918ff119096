import Foundation
import Testing

/// The machine's clock is set forth and back by an hour under load: nothing is lost, doubled or out of order for it, and
/// nothing waits for the clock.
@Suite(.timeLimit(.minutes(60)), .enabled(if: Storage.isCI || FakeClock.library != nil, FakeClock.hint))
struct FaultClockTests {
    private static let pace: Duration = .milliseconds(30)

    @Test(arguments: Storage.engines)
    func `a clock that jumps costs no message and stops no send`(_ storage: Storage) async throws {
        try await FakeClock.run { clock in
            let environment = CrashSending.environment.merging(clock.environment) { $1 }
            try await CrashGateways.run(storage, environment: environment) { gateways in
                let sending = try await CrashSending(gateways, seed: Scale.crashSeed)
                let traffic = try await CrashTraffic(gateways, seed: Scale.crashSeed)
                var waits: [Duration] = []
                var end = ContinuousClock.now
                try await sending.during(pace: Self.pace) {
                    try await traffic.during(pace: Self.pace) {
                        waits.append(try await untilMoreIsSent(gateways))
                        for hours in [1, 0, -1, 0] {
                            try clock.set(hours: hours)
                            try await expectShown(hours, gateways)
                            waits.append(try await untilMoreIsSent(gateways))
                            // The length of the fault itself.
                            try await Task.sleep(for: .seconds(Scale.faultSeconds) / 2)
                        }
                        end = .now
                    }
                }
                _ = try await sending.level()
                let level = end.duration(to: .now)
                let received = try await CrashReceiveCheck(traffic)
                let sends = try await CrashSendCheck(gateways, sending.ledger)
                let (webhooks, sent) = (gateways.answers.webhooks, gateways.answers.sends)
                #expect(Array(webhooks.byStatus.keys) == [200], "\(webhooks.words)")
                #expect(sends.failed == 0)
                try Figures.record(
                    "Clock set forth and back by an hour",
                    [
                        "Storage": storage.testDescription, "Webhooks": webhooks.words, "Sends": sent.words,
                        "Lost": "\(received.lost + sends.lost)", "Doubled": "\(received.doubled + sends.doubled)",
                        "Out of order": "\(received.outOfOrder + sends.outOfOrder)",
                        "Until 20 more were sent": Figures.times(waits), "Level after": Figures.time(level),
                    ])
            }
        }
    }

    /// Waits until the gateway's log is written in the new time: else the test would set no clock at all.
    private func expectShown(_ hours: Int, _ gateways: CrashGateways) async throws {
        let log = gateways.site.folder.appending(path: "gateway-0/log.txt")
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        try await eventually("the clock is \(hours) hours off") { () -> Bool? in
            // A request is written to the log.
            _ = await gateways.call("GET", "/whatsapp/nothing", nil)
            let text = String(decoding: try Data(contentsOf: log).suffix(4096), as: UTF8.self)
            let times = text.split(separator: "\n").compactMap { line in
                try? style.parse(String(line.prefix { $0 != " " }))
            }
            guard let last = times.last else { return nil }
            return abs(last.timeIntervalSinceNow - Double(hours * 3600)) < 60 ? true : nil
        }
    }

    /// Waits until Meta has taken more messages than before.
    /// - Returns: how long that took.
    private func untilMoreIsSent(_ gateways: CrashGateways) async throws -> Duration {
        let begin = ContinuousClock.now
        let sql = "SELECT COUNT(*) AS n FROM whatsapp_messages WHERE direction = 'outgoing' AND status <> 'pending'"
        let goal = try await gateways.site.stores.count(sql) + 20
        try await eventually("sends go on", within: .seconds(60)) {
            try await gateways.site.stores.count(sql) >= goal ? true : nil
        }
        return begin.duration(to: .now)
    }
}
