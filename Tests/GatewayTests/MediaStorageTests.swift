import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Received and purged files when the disk is full or storage is away: they wait, and nothing is given up.
@Suite(.timeLimit(.minutes(5))) struct MediaStorageTests {
    private static func picture(_ harness: Harness) async throws {
        try await harness.receive(messages: [
            ["from": "15550100001", "id": "wamid.media", "type": "image", "image": ["id": "1001"]]
        ])
    }

    private static func paused(_ harness: Harness) async throws -> Bool {
        try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE pauses > 0 AND attempts = 0") == 1
    }

    @Test(arguments: Stage.all)
    func `with too little room a file is not even asked for, and nothing is given up`(_ stage: Stage) async throws {
        let meta = try StandInMeta()
        defer { meta.stop() }
        meta.set(information: [meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
        try await Harness.run(stage, graphURL: meta.origin) {
            $0.mediaMinFree = .max
            $0.mediaFetchAllow = ["127.0.0.1"]
        } _: { harness in
            try await Self.picture(harness)
            try await harness.wait("the job does not wait") { try await Self.paused(harness) }
            #expect(try await harness.message("wamid.media").media.status == .pending)
            #expect(meta.asked == (0, 0))
            let uploads = try #require(await harness.gateway.readiness().first { $0.name == "uploads" })
            #expect(!uploads.ok && uploads.detail?.contains("full") == true)
            let draft = Draft(content: .media(try OutgoingMedia(kind: .image)), mediaURL: meta.origin + "/x.jpg")
            let phone = try #require(PhoneNumber("15550100001"))
            let error = await #expect(throws: GatewayError.self) {
                _ = try await harness.gateway.outbound.submit(
                    draft, to: .phone(phone, account: .default), idempotencyKey: nil)
            }
            #expect(error?.code == .unavailable)
        }
    }

    @Test(.enabled(if: Files.endpoint != nil)) func `while storage is away media wait, and then come`() async throws {
        let server = try #require(Files.endpoint.flatMap { URL(string: $0)?.port }.flatMap { UInt16(exactly: $0) })
        let way = try OutageProxy(to: server, isUp: false)
        defer { way.stop() }
        let meta = try StandInMeta()
        defer { meta.stop() }
        meta.set(information: [meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
        try await Harness.run(Stage(engine: .sqlite, files: .objects), graphURL: meta.origin) {
            $0.objectStorage?.endpoint = "http://127.0.0.1:\(way.port)"
        } _: { harness in
            try await Self.picture(harness)
            try await harness.wait("the job does not wait") { try await Self.paused(harness) }
            #expect(try await harness.message("wamid.media").media.status == .pending)
            #expect(await harness.gateway.readiness().first { $0.name == "uploads" }?.ok == false)
            way.up()
            try await harness.pass("the medium is pending") {
                try await harness.message("wamid.media").media.status != .pending
            }
            #expect(try await harness.message("wamid.media").media.status == .ready)
            #expect(try await harness.files.names().count == 1)
            #expect(await harness.gateway.readiness().first { $0.name == "uploads" }?.ok == true)
        }
    }

    @Test(.enabled(if: Files.endpoint != nil))
    func `a file that can't be removed is removed once storage is back`() async throws {
        let server = try #require(Files.endpoint.flatMap { URL(string: $0)?.port }.flatMap { UInt16(exactly: $0) })
        let way = try OutageProxy(to: server)
        defer { way.stop() }
        try await Harness.run(Stage(engine: .sqlite, files: .objects)) {
            $0.objectStorage?.endpoint = "http://127.0.0.1:\(way.port)"
        } _: { harness in
            let media = harness.gateway.media
            let temporary = media.temporaryPath()
            try Data(Samples.jpeg).write(to: URL(filePath: temporary))
            let row = try await media.adopt(
                temporary, kind: .image, sha256: [1], size: Int64(Samples.jpeg.count), originalName: nil,
                account: .default, isSending: false)
            harness.clock.advance(by: .seconds(86_400))
            way.down()
            try await harness.gateway.purge.purge()
            #expect(try await harness.files.names() == [row.name])
            #expect(try await harness.gateway.media.open(name: row.name) == nil)
            way.up()
            try await harness.pass("the file is still there") { try await harness.files.names().isEmpty }
            try await harness.wait("the job is still there") {
                try await harness.count("SELECT COUNT(*) AS n FROM jobs") == 0
            }
        }
    }
}
