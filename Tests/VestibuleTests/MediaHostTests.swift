import Foundation
import JSON
import Testing

@testable import Simulator

/// Received files whose hosts are slow, broken or lying: every one comes to an end, and nothing stays behind.
@Suite(.timeLimit(.minutes(20))) struct MediaHostTests {
    private static let phone = "+15550100001"
    private static let picture = SampleMedia.of("image")?.bytes ?? []

    /// A file beside the faults, so large that reading it whole would show.
    private static let document: [UInt8] = {
        let end = Array("\n%%EOF\n".utf8)
        var bytes = (SampleMedia.of("document")?.bytes ?? []) + Array("\n".utf8)
        bytes += [UInt8](repeating: UInt8(ascii: " "), count: (100 << 20) - bytes.count - end.count)
        return bytes + end
    }()

    private func run(
        _ storage: Storage, _ files: [String: [UInt8]] = ["1": picture],
        _ body: @escaping @Sendable (Site, UnkindMeta) async throws -> Void
    ) async throws {
        try await UnkindMeta.run(files) { meta in
            try await Site.run(storage, environment: ["WHATSAPP_GRAPH_URL": meta.origin]) { site in
                try await body(site, meta)
            }
        }
    }

    /// Messages with these media come in by one webhook.
    private func receive(_ ids: [String], kind: String = "image", _ site: Site) async throws {
        let messages = ids.map { id -> JSON in
            ["from": "15550100001", "id": .string("wamid.\(id)"), "type": .string(kind), kind: ["id": .string(id)]]
        }
        #expect(try await site.postWebhook(Webhooks.messages(messages)).status == 200)
    }

    /// What became of each medium, by its id, once none is pending.
    private func fates(_ site: Site, count: Int) async throws -> [String: String] {
        let messages = try await eventually("no medium is pending", within: .seconds(400)) {
            let messages = try await site.messages(Self.phone)
            let isOver = messages.allSatisfy { $0["mediaStatus"]?.string != "pending" }
            return isOver && messages.count == count ? messages : nil
        }
        return Dictionary(
            uniqueKeysWithValues: messages.map {
                (String($0["whatsappMessageId"]?.string?.dropFirst(6) ?? ""), $0["mediaStatus"]?.string ?? "-")
            })
    }

    private func descriptors(_ site: Site) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/\(site.program.processID)/fd").count
    }

    /// All that lies in a folder and those below it.
    private func files(in folder: URL) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
            var isFolder: ObjCBool = false
            let exists = FileManager.default.fileExists(
                atPath: folder.appending(path: path).path, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !path.hasSuffix(".lock")
        }
    }

    @Test(arguments: Storage.engines)
    func `no host leaves a job stuck, a descriptor open or a file behind`(_ storage: Storage) async throws {
        try await run(storage) { site, _ in
            // As many at once as ever are, so that every pool has what it keeps.
            try await receive((100..<120).map { "slow-\($0)" }, site)
            _ = try await fates(site, count: 20)
            let before = try descriptors(site)
            let faults = UnkindMeta.Fault.allCases
            try await receive(faults.map { "\($0.rawValue)-1" }, site)
            let fates = try await fates(site, count: 20 + faults.count)
            for fault in faults {
                #expect(fates["\(fault.rawValue)-1"] == (fault == .endless ? "rejected" : "ready"), "\(fault)")
            }
            try await eventually("no job is left") {
                try await site.stores.count("SELECT COUNT(*) AS n FROM jobs") == 0 ? true : nil
            }
            try await eventually("no descriptor is left") { try descriptors(site) <= before ? true : nil }
            #expect(try files(in: site.uploads.appending(path: ".incoming")).isEmpty)
            #expect(
                try files(in: site.uploads.appending(path: "whatsapp")).count == fates.values.count { $0 == "ready" })
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test(arguments: Storage.engines)
    func `a large document among fifty downloads stays out of memory, and their number is bounded`(
        _ storage: Storage
    ) async throws {
        try await run(storage, ["1": Self.picture, "document": Self.document]) { site, meta in
            try await receive(["none-1"], site)
            _ = try await fates(site, count: 1)
            let start = ContinuousClock.now
            let growth = try await Memory.growth(of: site.program.processID) {
                try await receive(["slow-document"], kind: "document", site)
                try await receive((0..<50).map { "slow-\($0)" }, site)
                let fates = try await fates(site, count: 52)
                #expect(fates.values.allSatisfy { $0 == "ready" })
            }
            #expect(growth < 32 << 20, "\(growth >> 20) MiB")
            #expect(meta.peak > 1 && meta.peak <= 16, "\(meta.peak) connections")
            try Figures.record(
                "Receiving 51 files at once, one of 100 MiB",
                [
                    "Storage": storage.testDescription, "Memory grew by": "\((growth + (1 << 19)) >> 20) MiB",
                    "Connections to the host, at most": "\(meta.peak)",
                    "All stored after": Figures.time(start.duration(to: .now)),
                ])
        }
    }
}
