import Fetch
import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// One content is stored once and brought to Meta once, however often it is sent, and in whatever way it came.
@Suite(.timeLimit(.minutes(10))) struct MediaReuseTests {
    private func draft(_ url: String, kind: MediaKind = .image, fileName: String? = nil) throws -> Draft {
        Draft(content: .media(try OutgoingMedia(kind: kind, fileName: fileName)), mediaURL: url)
    }

    private static func dataURL(_ bytes: [UInt8], type: String = "image/jpeg") -> String {
        "data:\(type);base64,\(Data(bytes).base64EncodedString())"
    }

    /// A fault that only waits a moment, to count uploads.
    private func countUploads(_ lab: SendHarness) async throws {
        try await lab.simulator.fault(match: ["method": "POST", "path": "/media"], action: ["delayMs": 1], times: -1)
    }

    private func uploads(_ lab: SendHarness) async throws -> Int64? {
        try await lab.simulator.faults().first?["hits"]?.int
    }

    private func drop(_ mediaID: String, _ lab: SendHarness) async throws {
        let fetch = FetchClient(userAgent: "test", logger: Engines.logger)
        defer { fetch.close() }
        let request = FetchRequest(
            method: "DELETE", url: "\(lab.simulatorURL)/v21.0/\(mediaID)", headers: [("Authorization", "Bearer token")])
        #expect(try await fetch.send(request).status == 200)
    }

    /// What the customer's phone got as media, by the ids of the files.
    private func sentIDs(_ lab: SendHarness) async throws -> [String] {
        try await lab.simulator.sent(to: SendHarness.customer).compactMap { $0["content"]?["id"]?.string }
    }

    @Test(arguments: Stage.all) func `a file in a data URL is stored and sent`(_ stage: Stage) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            let percent =
                "data:," + Samples.png.map { "%" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            for (url, bytes) in [(Self.dataURL(Samples.jpeg), Samples.jpeg), (percent, Samples.png)] {
                let message = try await lab.send(draft(url, fileName: "dot"))
                #expect(message.status == .sent && message.media.fileSize == Int64(bytes.count))
                let name = try #require(message.media.url.flatMap(MediaName.inPath))
                #expect(try await lab.bytes(name) == bytes)
            }
            #expect(try await sentIDs(lab).count == 2)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `a data URL is judged by its bytes, not by the type that it names`(_ stage: Stage) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            let table: [(url: String, kind: MediaKind, code: GatewayError.Code, words: String)] = [
                (Self.dataURL(Samples.html), .image, .mediaRejected, "text/html"),
                (Self.dataURL(Samples.jpeg), .sticker, .mediaRejected, "image/jpeg"),
                (Self.dataURL(Samples.webp + Samples.zeros(500 * 1024)), .sticker, .mediaRejected, "512000 bytes"),
                (Self.dataURL([]), .image, .mediaRejected, "empty"),
                ("data:image/png;base64,!", .image, .invalid, "Base64"),
            ]
            for row in table {
                let error = await #expect(throws: GatewayError.self) {
                    try await lab.submit(draft(row.url, kind: row.kind))
                }
                #expect(
                    error?.code == row.code && error?.message.contains(row.words) == true,
                    "\(String(describing: error))")
            }
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.send(draft(Self.dataURL(Samples.png, type: "text/html"))).status == .sent)
        }
    }

    @Test(arguments: Stage.all)
    func `the same content sent in many ways and at once is uploaded once`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { (lab: SendHarness, server: LocalServer) async throws in
            try await countUploads(lab)
            let phones = (10..<18).map { "155501000\($0)" }
            try await lab.harness.store(phones.map { lab.harness.text("Hi", from: $0, id: "wamid.\($0)") })
            let urls = [server.origin + "/a.jpg", Self.dataURL(Samples.jpeg)]
            for (index, phone) in phones.enumerated() {
                let number = try #require(PhoneNumber(phone))
                _ = try await lab.gateway.outbound.submit(
                    draft(urls[index % 2], fileName: "photo \(index).jpg"),
                    to: .phone(number, account: .default))
            }
            try await lab.harness.pass("a message is not sent") {
                try await lab.harness.count(
                    "SELECT COUNT(*) AS n FROM whatsapp_messages WHERE direction = 'outgoing' AND status = 'sent'") == 8
            }
            #expect(try await uploads(lab) == 1)
        }
    }

    @Test(arguments: Stage.all)
    func `a content that a message has under the same name is stored once`(_ stage: Stage) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            let url = Self.dataURL(Samples.jpeg)
            let first = try await lab.send(draft(url, fileName: "one.jpg"))
            #expect(try await lab.send(draft(url, fileName: "one.jpg")).media.url == first.media.url)
            let other = try await lab.send(draft(url, fileName: "two.jpg"))
            #expect(other.media.url != first.media.url && other.media.fileName == "two.jpg")
            let unnamed = try await lab.send(draft(url))
            #expect(unnamed.media.url != first.media.url)
            #expect(try await lab.send(draft(url)).media.url == unnamed.media.url)
            #expect(try await lab.stored().count == 3)

            // A file that no message points to may be removed at any time: it is not relied upon.
            try await lab.harness.database.transaction { session in
                _ = try session.execute("UPDATE whatsapp_messages SET media_url = NULL")
            }
            let again = try await lab.send(draft(url, fileName: "one.jpg"))
            #expect(again.status == .sent && again.media.url != first.media.url)
        }
    }

    @Test(arguments: Stage.all)
    func `a file that Meta dropped before its time is uploaded again, and the send goes through`(
        _ stage: Stage
    ) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            try await countUploads(lab)
            let url = Self.dataURL(Samples.jpeg)
            #expect(try await lab.send(draft(url)).status == .sent)
            let dropped = try #require(try await sentIDs(lab).first)
            try await drop(dropped, lab)
            let message = try await lab.submit(draft(url)).messageID
            try await lab.harness.pass("the message has no outcome") { try await lab.find(message).status != .pending }
            #expect(try await lab.find(message).status == .sent)
            #expect(try await uploads(lab) == 2)
            let ids = try await sentIDs(lab)
            #expect(ids.count == 2 && ids.first == dropped && ids.last != dropped)
            // The newer id is the one that is kept.
            #expect(try await lab.send(draft(url)).status == .sent)
            #expect(try await uploads(lab) == 2)
        }
    }

    @Test(arguments: Stage.all, [33, 100, 131_009, 131_052, 131_053] as [Int64])
    func `what is refused with a fresh upload is refused for good`(_ stage: Stage, _ code: Int64) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            try await countUploads(lab)
            let url = Self.dataURL(Samples.jpeg)
            #expect(try await lab.send(draft(url)).status == .sent)
            try await lab.simulator.fault(
                match: ["method": "POST", "path": "/messages"], action: ["code": .integer(code)], times: -1)
            let message = try await lab.submit(draft(url)).messageID
            try await lab.harness.pass("the message has no outcome") { try await lab.find(message).status != .pending }
            let failed = try await lab.find(message)
            #expect(failed.status == .failed && failed.failure?.metaCode == Int(code))
            let faults = try await lab.simulator.faults()
            #expect(faults.map { $0["hits"]?.int } == [2, 2], "one request with the kept id, one with a fresh one")
        }
    }
}
