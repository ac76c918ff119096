import Foundation
import JSON
import Testing

@testable import Simulator

/// The disk is full under load: callers are told so, nothing is acknowledged that isn't stored, and with room again
/// everything goes on by itself.
@Suite(.timeLimit(.minutes(60)), .enabled(if: Storage.isCI || SmallDisk.isPossible, SmallDisk.hint))
struct FaultDiskTests {
    private static let megabytes = 64
    private static let pace: Duration = .milliseconds(30)

    @Test func `a full disk under SQLite refuses webhooks and sends until there is room`() async throws {
        try await SmallDisk.run(megabytes: Self.megabytes) { disk in
            try await CrashGateways.run(.sqlite, environment: CrashSending.environment) { site in
                try disk.replace(site.folder.appending(path: "data"))
                return [:]
            } _: { gateways in
                let load = try await Load(gateways)
                try await load.run("of SQLite") {
                    try disk.fill()
                    try await load.refused(\.webhooks)
                    try await load.refused(\.sends)
                    try await load.last()
                    try disk.empty()
                }
            }
        }
    }

    @Test(.enabled(if: Storage.isCI || Storage.databaseURL != nil, Storage.hint))
    func `a full spool refuses webhooks until there is room, also with the database away`() async throws {
        try await SmallDisk.run(megabytes: Self.megabytes) { disk in
            let address = try #require(Storage.databaseURL)
            let server = try #require(URLComponents(string: address))
            let proxy = try OutageProxy(to: UInt16(server.port ?? 5432))
            defer { proxy.stop() }
            let proxyPort = Int(proxy.port)
            try await CrashGateways.run(.postgres, environment: CrashSending.environment) { site in
                var way = try #require(URLComponents(string: site.settings["DATABASE_URL"] ?? ""))
                way.port = proxyPort
                return ["DATABASE_URL": try #require(way.string), "DATA_DIR": disk.folder.path]
            } _: { gateways in
                let load = try await Load(gateways)
                try await load.run("of the spool, PostgreSQL away") {
                    proxy.refuse()
                    try await load.refused(\.sends)
                    try disk.fill()
                    try await load.refused(\.webhooks)
                    try await load.last()
                    try disk.empty()
                    // They go into the spool again.
                    try await load.taken(100)
                    proxy.up()
                }
            }
        }
    }

    @Test func `a full disk for uploads leaves media pending and texts untouched until there is room`() async throws {
        let sample = try #require(SampleMedia.of("image"))
        try await FileHost.run(["/image": .init(bytes: sample.bytes, type: "image/jpeg")]) { host in
            try await SmallDisk.run(megabytes: Self.megabytes) { disk in
                let environment = CrashSending.environment.merging([
                    "MEDIA_FETCH_ALLOW": host.allowed, "MEDIA_MIN_FREE": "0",
                ]) { $1 }
                try await CrashGateways.run(.sqlite, environment: environment) { site in
                    try disk.replace(site.uploads)
                    return [:]
                } _: { gateways in
                    let load = try await Load(gateways)
                    let phone = "15550190001"
                    let greeting = Webhooks.text("Hello", id: "wamid.greeting.\(phone)", from: phone)
                    try #require(await gateways.post(greeting)?.status == 200)
                    let picture: JSON = [
                        "phoneNumber": .string("+" + phone), "mediaType": "image",
                        "mediaUrl": .string(host.origin + "/image"),
                    ]
                    try await load.run("of uploads") {
                        try disk.fill()
                        try await eventually("a picture can't be stored") {
                            try await gateways.site.stores.count(
                                "SELECT COUNT(*) AS n FROM jobs WHERE kind = 'fetch_media' AND pauses > 0") > 0
                                ? true : nil
                        }
                        try await load.taken(100)
                        let answer = try await eventually("a picture can't be sent") {
                            // What was half received when the disk filled up has left room again.
                            try disk.fill()
                            let answer = await gateways.call("POST", "/whatsapp/send", picture.encoded())
                            return answer?.status == 200 ? nil : answer
                        }
                        #expect(answer.status == 503 && answer.headers.first("Retry-After") != nil)
                        try await load.last()
                        try disk.empty()
                        #expect(await gateways.call("POST", "/whatsapp/send", picture.encoded())?.status == 200)
                    }
                    #expect(gateways.answers.webhooks.byStatus.keys.sorted() == [200])
                }
            }
        }
    }

    /// Webhooks and sends at once, and what became of them.
    private struct Load {
        let gateways: CrashGateways
        let sending: CrashSending
        let traffic: CrashTraffic

        init(_ gateways: CrashGateways) async throws {
            self.gateways = gateways
            sending = try await CrashSending(gateways, seed: Scale.crashSeed)
            traffic = try await CrashTraffic(gateways, seed: Scale.crashSeed)
        }

        /// The fault comes into a load that runs, and ends in it; then everything has to come level.
        /// - Parameter name: in the figures.
        func run(_ name: String, _ fault: () async throws -> Void) async throws {
            var end = ContinuousClock.now
            try await sending.during(pace: FaultDiskTests.pace) {
                try await traffic.during(pace: FaultDiskTests.pace) {
                    try await taken(100)
                    try await fault()
                    end = .now
                    try await taken(100)
                }
            }
            _ = try await sending.level()
            let level = end.duration(to: .now)
            let received = try await CrashReceiveCheck(traffic)
            let sends = try await CrashSendCheck(gateways, sending.ledger)
            _ = try await CrashUploadsCheck(
                gateways.site, pictures: traffic.pictures, ledger: traffic.ledger, stored: received.check.stores.room)
            let (webhooks, sent) = (gateways.answers.webhooks, gateways.answers.sends)
            #expect(traffic.ledger.counts.abandoned == 0 && sending.ledger.counts.abandoned == 0)
            #expect(Set(webhooks.byStatus.keys).isSubset(of: [200, 503]), "\(webhooks.words)")
            #expect(webhooks.withoutRetryAfter + sent.withoutRetryAfter == 0)
            try Figures.record(
                "Disk full",
                [
                    "Disk": name, "Webhooks": webhooks.words, "Longest": Figures.time(webhooks.longest),
                    "Sends": sent.words, "Longest ": Figures.time(sent.longest),
                    "Lost": "\(received.lost + sends.lost)", "Doubled": "\(received.doubled + sends.doubled)",
                    "Out of order": "\(received.outOfOrder + sends.outOfOrder)", "Level after": Figures.time(level),
                ])
        }

        /// Waits until so many more webhooks are acknowledged.
        func taken(_ count: Int) async throws {
            let goal = traffic.ledger.counts.webhooks + count
            try await eventually("webhooks are taken", within: .seconds(90)) {
                traffic.ledger.counts.webhooks >= goal ? true : nil
            }
        }

        func refused(_ side: KeyPath<CrashAnswers, CrashAnswers.Seen>) async throws {
            try await eventually("callers are refused", within: .seconds(90)) {
                gateways.answers[keyPath: side].byStatus[503] == nil ? nil : true
            }
        }

        /// The length of the fault itself.
        func last() async throws { try await Task.sleep(for: .seconds(Scale.faultSeconds)) }
    }
}

extension SmallDisk {
    /// Puts this disk in the place of a folder.
    fileprivate func replace(_ folder: URL) throws {
        if FileManager.default.fileExists(atPath: folder.path) { try FileManager.default.removeItem(at: folder) }
        try FileManager.default.createSymbolicLink(at: folder, withDestinationURL: self.folder)
    }
}
