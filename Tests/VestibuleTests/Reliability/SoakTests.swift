import Foundation
import JSON
import Simulator
import Testing

/// Steady mixed load on PostgreSQL with MongoDB: webhooks, media, sends with their statuses, and reads. Memory and
/// file descriptors stay level, and at the end everything is there once.
@Suite(.serialized, .timeLimit(.minutes(90))) struct SoakTests {
    private static let rooms = 120
    /// Each of them does one thing after the other, some milliseconds apart.
    private static let writers = 8
    private static let pace: Duration = .milliseconds(100)
    private static let interval: Duration = .milliseconds(250)
    /// What descriptors may differ by: a connection more or less of a pool.
    private static let descriptorBound = 4.0

    /// In MB. The allocator's pools still fill in a short run, and more so in a debug build.
    private static func memoryBound(_ seconds: Int) -> Double { 8 + 1200 / Double(seconds) }

    private struct Sample {
        let memory: Double
        let descriptors: Double
    }

    @Test(
        .enabled(if: Storage.available.contains(.postgresAndMongo), Storage.hint))
    func `memory and file descriptors stay level under a steady mixed load`() async throws {
        let seconds = Scale.soakSeconds
        try await Site.run(.postgresAndMongo) { site in
            for room in 0..<Self.rooms { _ = try await site.meta.say("Hello", from: Self.phone(room)) }
            try await eventually("everybody has a room", within: .seconds(60)) {
                try await site.stores.count("SELECT COUNT(*) AS n FROM rooms") == Int64(Self.rooms) ? true : nil
            }
            let end = ContinuousClock.now + .seconds(seconds)
            let ledger = SoakLedger()
            let samples = try await withThrowingTaskGroup(of: [Sample].self) { group in
                for writer in 0..<Self.writers {
                    group.addTask {
                        try await Self.load(site, writer, until: end, ledger)
                        return []
                    }
                }
                group.addTask { try await Self.watch(site.program.processID, until: end) }
                group.addTask {
                    // Meta's own memory is bounded, so it is asked all along.
                    while ContinuousClock.now < end { try await Self.look(site, ledger, wait: 1) }
                    return []
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try await Self.checkEnd(site, ledger)

            let memory = SoakTrend(samples.map(\.memory))
            let descriptors = SoakTrend(samples.map(\.descriptors))
            let bound = Self.memoryBound(seconds)
            #expect(memory.isLevel(within: bound), "\(memory.growth) MB more, or \(memory.slope) MB along the line")
            #expect(
                descriptors.isLevel(within: Self.descriptorBound),
                "\(descriptors.growth) descriptors more, or \(descriptors.slope) along the line")
            try Self.record(seconds, ledger.done, samples, memory, descriptors)
        }
    }

    private static func phone(_ room: Int) -> String { "1555020\(1000 + room)" }

    /// Pauses only make the load steady: nothing is concluded from them.
    private static func load(
        _ site: Site, _ writer: Int, until end: ContinuousClock.Instant, _ ledger: SoakLedger
    ) async throws {
        var number = 0
        while ContinuousClock.now < end {
            number += 1
            let phone = phone((number * writers + writer) % rooms)
            switch number % 8 {
            case 0:
                let path = "/rooms/whatsapp_\(phone)/messages"
                let answer = try await site.call("POST", path, ["text": .string("answer \(writer).\(number)")])
                if answer.status == 202, let id = answer.json["messageId"]?.string {
                    ledger.note { $0.sent.insert(id) }
                } else {
                    ledger.note { $0.refusals.append(answer.text) }
                }
            case 2, 5:
                let answer = try await site.get("/whatsapp/messages/\(phone)?limit=50")
                ledger.note { $0.reads += answer.status == 200 ? 1 : 0 }
                if number % 16 == 2, let media = answer.json.array?.last(where: { $0["mediaUrl"] != nil }) {
                    let file = try await site.get(media["mediaUrl"]?.string ?? "")
                    ledger.note { $0.reads += file.status == 200 ? 1 : 0 }
                }
            case 3 where number % 5 == 0:
                let id = try await site.meta.sendMedia("image", from: phone)
                ledger.note { $0.received.insert(id) }
            case 4 where number % 16 == 4: _ = try await site.call("POST", "/rooms/whatsapp_\(phone)/read")
            default:
                let id = try await site.meta.say("words \(writer).\(number)", from: phone)
                ledger.note { $0.received.insert(id) }
            }
            try await Task.sleep(for: pace)
        }
    }

    /// Notes what Meta got since the last look.
    private static func look(_ site: Site, _ ledger: SoakLedger, wait: Int = 0) async throws {
        let sent = try await site.meta.sent(after: ledger.done.lookedUpTo, wait: wait)
        ledger.note { done in
            done.arrived += sent.compactMap { $0["text"]?.string }
            done.lookedUpTo = sent.last?["sequence"]?.int.map { Int($0) } ?? done.lookedUpTo
        }
    }

    private static func watch(_ process: Int32, until end: ContinuousClock.Instant) async throws -> [Sample] {
        var samples: [Sample] = []
        while ContinuousClock.now < end {
            samples.append(
                Sample(
                    memory: try residentMegabytes(process),
                    descriptors: Double(
                        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd").count)))
            try await Task.sleep(for: interval)
        }
        return samples
    }

    private static func residentMegabytes(_ process: Int32) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        let kilobytes = try #require(
            line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) })
        return kilobytes / 1024
    }

    /// Everything that was acknowledged is there once in each store, and nothing is left open.
    private static func checkEnd(_ site: Site, _ ledger: SoakLedger) async throws {
        try await eventually("all is level", within: .seconds(120)) {
            let open = try await site.stores.count(
                """
                SELECT (SELECT COUNT(*) FROM jobs WHERE state <> 'dead') + (SELECT COUNT(*) FROM mirror_outbox)
                    + (SELECT COUNT(*) FROM whatsapp_messages WHERE status IN ('pending', 'unknown', 'sent')
                        OR media_status = 'pending') AS n
                """)
            return open == 0 ? true : nil
        }
        try await eventually("all that Meta got is seen") {
            let before = ledger.done.lookedUpTo
            try await look(site, ledger)
            return ledger.done.lookedUpTo == before ? true : nil
        }
        let done = ledger.done
        #expect(done.refusals == [])
        #expect(done.received.count > 10 && done.sent.count > 1 && done.reads > 1)
        let rows = try await site.stores.rows("SELECT message_id, whatsapp_message_id FROM chat_messages")
        let stored = try rows.compactMap { try $0.textOrNil("whatsapp_message_id") }
        #expect(Set(stored).count == stored.count && done.received.subtracting(stored).isEmpty)
        #expect(done.sent.subtracting(try rows.map { try $0.text("message_id") }).isEmpty)
        for collection in ["whatsappMessages", "chatMessages"] {
            #expect(try await site.stores.documents(collection).count == rows.count, "\(collection)")
        }
        #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'") == 0)
        #expect(done.arrived.count == done.sent.count && Set(done.arrived).count == done.arrived.count)
    }

    private static func record(
        _ seconds: Int, _ done: SoakLedger.Done, _ samples: [Sample], _ memory: SoakTrend, _ descriptors: SoakTrend
    ) throws {
        func megabytes(_ value: Double) -> String { "\((value * 10).rounded() / 10) MB" }
        try Figures.record(
            "Soak: memory and file descriptors",
            [
                "Time": "\(seconds) s", "Received": "\(done.received.count)", "Sent": "\(done.sent.count)",
                "Reads": "\(done.reads)", "Memory in the middle": megabytes(SoakTrend.median(memory.rest)),
                "at most": megabytes(samples.map(\.memory).max() ?? 0), "Growth": megabytes(memory.growth),
                "along a line": megabytes(memory.slope), "allowed": megabytes(memoryBound(seconds)),
                "Descriptors": "\(Int(SoakTrend.median(descriptors.rest)))",
                "Growth of them": "\(Int(descriptors.growth))",
            ])
    }
}
