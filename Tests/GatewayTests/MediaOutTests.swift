import Foundation
import JSON
import SQL
import Simulator
import Testing
import WhatsApp

@testable import Gateway

/// Files that go out: fetched from where the caller says, or from the store, and brought to Meta once.
@Suite(.timeLimit(.minutes(10))) struct MediaOutTests {
    private func draft(_ url: String?, kind: MediaKind = .image, fileName: String? = nil) throws -> Draft {
        Draft(content: .media(try OutgoingMedia(kind: kind, fileName: fileName)), mediaURL: url)
    }

    private func refusal(of draft: Draft, _ lab: SendHarness, key: String? = nil) async -> GatewayError? {
        await #expect(throws: GatewayError.self) { try await lab.submit(draft, key: key) }
    }

    @Test(arguments: Stage.all)
    func `a picture at a public address is stored, uploaded and sent by its id`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            let message = try await lab.send(draft(server.origin + "/a/photo.jpg?x=1", fileName: "photo.jpg"))
            #expect(message.status == .sent)
            #expect(message.media.status == .ready && message.media.mimeType == "image/jpeg")
            #expect(message.media.fileSize == Int64(Samples.jpeg.count) && message.media.fileName == "photo.jpg")
            let name = try #require(message.media.url.flatMap(MediaName.inPath))
            #expect(try await lab.bytes(name) == Samples.jpeg)
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.stored() == [name])
            let sent = try #require(try await lab.simulator.sent(to: SendHarness.customer).first)
            #expect(sent["type"]?.string == "image" && sent["content"]?["id"]?.string != nil)
            #expect(server.targets == ["/a/photo.jpg?x=1"])
        }
    }

    @Test(arguments: Stage.all)
    func `addresses within are refused, and not even connected to`(_ stage: Stage) async throws {
        let server = try LocalServer { _ in StandInMeta.file(Samples.jpeg) }
        defer { server.stop() }
        try await SendHarness.run(stage) { lab in
            let hosts = [
                "127.0.0.1:\(server.port)", "localhost:\(server.port)", "[::1]:\(server.port)", "127.0.0.1",
                "[::ffff:127.0.0.1]", "169.254.169.254", "10.0.0.1", "192.168.1.1:8080", "0.0.0.0", "2130706433",
            ]
            for host in hosts {
                let error = await refusal(of: try draft("http://\(host)/photo.jpg"), lab)
                #expect(error?.code == .mediaRejected, "\(host)")
            }
            #expect(server.targets.isEmpty)
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 1)
        }
    }

    @Test(arguments: Stage.all)
    func `a redirect leads to no address within either`(_ stage: Stage) async throws {
        let inner = try LocalServer { _ in StandInMeta.file(Samples.jpeg) }
        defer { inner.stop() }
        let target = inner.origin
        try await SendHarness.serving(stage) { _ in
            LocalServer.Reply(status: 302, headers: [("Location", target + "/secret.jpg")])
        } _: { lab, server in
            let error = await refusal(of: try draft(server.origin + "/x.jpg"), lab)
            #expect(error?.code == .mediaRejected)
            #expect(inner.targets.isEmpty && server.targets == ["/x.jpg"])
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(
        arguments: Stage.all,
        ["ftp://example.org/x.jpg", "file:///etc/passwd", "gopher://x/", "not an address", "http://", "//host/x.jpg"])
    func `what is no web address is refused`(_ stage: Stage, _ url: String) async throws {
        try await SendHarness.run(stage) { lab in
            let error = await refusal(of: try draft(url), lab)
            #expect([.invalid, .mediaRejected].contains(error?.code))
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `the wrong type is refused with what was found and what is allowed`(_ stage: Stage) async throws {
        let table: [(bytes: [UInt8], kind: MediaKind, found: String, allowed: String)] = [
            (Samples.html, .image, "text/html", "image/jpeg"), (Samples.gif, .image, "image/gif", "image/png"),
            (Samples.jpeg, .document, "image/jpeg", "application/pdf"),
            (Samples.png, .sticker, "image/png", "image/webp"),
            (Samples.text, .document, "text/plain", "application/pdf"),
        ]
        for row in table {
            try await SendHarness.serving(stage) { _ in
                StandInMeta.file(row.bytes)
            } _: { lab, server in
                let error = await refusal(of: try draft(server.origin + "/x.jpg", kind: row.kind), lab)
                #expect(error?.code == .mediaRejected)
                #expect(error?.data["found"]?.string == row.found)
                #expect(error?.data["allowed"]?.array?.contains(.string(row.allowed)) == true)
                #expect(error?.data["allowed"]?.array?.contains(.string(row.found)) == false)
                #expect(try await lab.stored().isEmpty)
                #expect(try await lab.unfinished().isEmpty)
                #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
            }
        }
    }

    @Test(arguments: Stage.all) func `text documents go out where they are allowed`(_ stage: Stage) async throws {
        let server = try LocalServer { _ in StandInMeta.file(Samples.text) }
        defer { server.stop() }
        try await SendHarness.run(stage) {
            $0.mediaFetchAllow = ["127.0.0.1"]
            $0.mediaRules.allowsText = true
        } _: { (lab: SendHarness) async throws in
            #expect(try await lab.send(draft(server.origin + "/x.txt", kind: .document)).status == .sent)
        }
    }

    @Test(arguments: Stage.all)
    func `an address that gives no file, or too much, is refused`(_ stage: Stage) async throws {
        let large = Samples.webp + Samples.zeros(500 * 1024)
        let table: [(reply: LocalServer.Reply, words: String)] = [
            (LocalServer.Reply(status: 404, body: Samples.jpeg), "HTTP 404"),
            (LocalServer.Reply(status: 500), "HTTP 500"),
            (StandInMeta.file([]), "empty"), (StandInMeta.file(large), "512000 bytes"),
            (LocalServer.Reply(status: 301, headers: [("Location", "/again")]), "redirect"),
        ]
        for row in table {
            try await SendHarness.serving(stage) { _ in
                row.reply
            } _: { lab, server in
                let error = await refusal(of: try draft(server.origin + "/x", kind: .sticker), lab)
                #expect(error?.code == .mediaRejected)
                #expect(error?.message.contains(row.words) == true, "\(error?.message ?? "-")")
                #expect(try await lab.stored().isEmpty)
                #expect(try await lab.unfinished().isEmpty)
            }
        }
    }

    @Test(arguments: Stage.all)
    func `a file of our own is sent by its path, and one content is uploaded once`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            // A fault that only waits a moment, to count uploads.
            try await lab.simulator.fault(
                match: ["method": "POST", "path": "/media"], action: ["delayMs": 1], times: -1)
            let first = try await lab.send(draft(server.origin + "/one.jpg"))
            let path = try #require(first.media.url)
            let second = try await lab.send(draft(path))
            #expect(second.status == .sent && second.media.url == path)
            #expect(second.media.mimeType == "image/jpeg" && second.media.fileSize == first.media.fileSize)
            let third = try await lab.send(draft(server.origin + "/two.jpg"))
            #expect(third.status == .sent && third.media.url == path)
            let ids = try await lab.simulator.sent(to: SendHarness.customer).map { $0["content"]?["id"]?.string }
            #expect(ids.count == 3 && Set(ids).count == 1)
            #expect(try await lab.simulator.faults().first?["hits"]?.int == 1)
            // Meta forgets after 30 days; before that the file is brought again.
            lab.harness.clock.advance(by: .seconds(30 * 86_400))
            try await lab.harness.store([lab.harness.text("Hi", from: SendHarness.customer, id: "wamid.later")])
            #expect(try await lab.send(draft(path)).status == .sent)
            #expect(try await lab.simulator.faults().first?["hits"]?.int == 2)
        }
    }

    @Test(arguments: Stage.all)
    func `a path that names no file of ours is refused`(_ stage: Stage) async throws {
        try await SendHarness.run(stage) { (lab: SendHarness) async throws in
            let paths = [
                "/uploads/whatsapp/../../etc/passwd", "/etc/passwd", "/uploads/whatsapp/0123456789abcdef.jpg",
                "/uploads/.incoming/x", "/uploads/whatsapp/",
            ]
            for path in paths {
                #expect(await refusal(of: try draft(path), lab)?.code == .mediaRejected, "\(path)")
            }
            let error = await refusal(of: try draft(nil), lab)
            #expect(error?.code == .invalid && error?.data["field"]?.string == "mediaUrl")
        }
    }

    @Test(arguments: Stage.all)
    func `a file of our own goes out only as a kind that it is`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            let path = try await lab.send(draft(server.origin + "/one.jpg")).media.url
            let error = await refusal(of: try draft(path, kind: .document), lab)
            #expect(error?.code == .mediaRejected && error?.data["found"]?.string == "image/jpeg")
            #expect(try await lab.stored().count == 1, "a refused draft takes no file of ours with it")
        }
    }

    @Test(arguments: Stage.all)
    func `nothing is fetched for a draft that is refused anyway`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { (lab: SendHarness, server: LocalServer) async throws in
            lab.harness.clock.advance(by: .seconds(86_400))
            #expect(await refusal(of: try draft(server.origin + "/x.jpg"), lab)?.code == .windowClosed)
            #expect(server.targets.isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `the file is gone again if the draft is refused after it was fetched`(_ stage: Stage) async throws {
        let hold = DispatchSemaphore(value: 0)
        let gate = Gate()
        try await SendHarness.serving(stage) { _ in
            Task { await gate.pass() }
            hold.wait()
            return StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let error = await refusal(of: try draft(server.origin + "/x.jpg"), lab, key: "k")
                    #expect(error?.code == .conflict)
                }
                await gate.reached()
                // The key is taken by another request while the file is on its way.
                _ = try await lab.submit(lab.text("first"), key: "k")
                hold.signal()
                try await group.waitForAll()
            }
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `one request made twice at once leaves one file`(_ stage: Stage) async throws {
        let hold = DispatchSemaphore(value: 0)
        let gate = Gate()
        try await SendHarness.serving(stage) { _ in
            Task { await gate.pass() }
            hold.wait()
            return StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            let messages = try await withThrowingTaskGroup(of: Message.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await lab.submit(draft(server.origin + "/x.jpg"), key: "k") }
                }
                await gate.reached(by: 3)
                for _ in 0..<3 { hold.signal() }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(messages.map(\.messageID)).count == 1)
            #expect(try await lab.stored() == [messages[0].media.url.flatMap(MediaName.inPath)])
            // From object storage a send takes a copy of its own for as long as it uploads it.
            try await lab.harness.pass("the message is not sent") {
                try await lab.find(messages[0].messageID).status != .pending
            }
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `trouble with the upload is tried again, a refusal is not`(_ stage: Stage) async throws {
        try await SendHarness.serving(stage) { _ in
            StandInMeta.file(Samples.jpeg)
        } _: { lab, server in
            let upload: JSON = ["method": "POST", "path": "/media"]
            try await lab.simulator.fault(match: upload, action: ["status": 503, "body": "<html>"], times: 1)
            let healed = try await lab.submit(draft(server.origin + "/x.jpg")).messageID
            try await lab.harness.pass("the message is not sent") { try await lab.find(healed).status != .pending }
            #expect(try await lab.find(healed).status == .sent)

            try await lab.harness.database.transaction { session in
                _ = try session.execute("DELETE FROM media_uploads")
            }
            try await lab.simulator.fault(match: upload, action: ["code": 131053], times: 1)
            let refused = try await lab.send(draft(server.origin + "/x.jpg"))
            #expect(refused.status == .failed && refused.failure?.metaCode == 131053)
        }
    }
}

extension SendHarness {
    /// A gateway that may fetch from the server, which gives these bytes whatever it is asked.
    static func serving(
        _ stage: Stage, _ answer: @escaping @Sendable (String) -> LocalServer.Reply,
        _ body: @Sendable (SendHarness, LocalServer) async throws -> Void
    ) async throws {
        let server = try LocalServer(answer)
        defer { server.stop() }
        try await run(stage) {
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
        } _: { lab in
            try await body(lab, server)
        }
    }

    func stored() async throws -> [String] { try await harness.files.names() }
    func unfinished() async throws -> [String] { try await harness.files.unfinished() }
    func bytes(_ name: String) async throws -> [UInt8] { try await harness.files.bytes(name) }
}
