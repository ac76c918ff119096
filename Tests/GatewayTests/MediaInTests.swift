import Foundation
import JSON
import SQL
import Simulator
import Testing
import WhatsApp

@testable import Gateway

/// What customers send is fetched, checked and stored, or refused with a reason.
@Suite(.timeLimit(.minutes(10))) struct MediaInTests {
    struct Lab: Sendable {
        let harness: Harness
        let meta: StandInMeta

        static func run(
            _ stage: Stage, change: (inout GatewaySettings) -> Void = { _ in },
            _ body: @Sendable (Lab) async throws -> Void
        ) async throws {
            let meta = try StandInMeta()
            defer { meta.stop() }
            try await Harness.run(stage, graphURL: meta.origin, change: change) { harness in
                try await body(Lab(harness: harness, meta: meta))
            }
        }

        /// A customer's media message comes in.
        func receive(_ kind: String, _ details: JSONObject = [:]) async throws {
            var media: JSONObject = ["id": "1001", "mime_type": "image/jpeg"]
            for (key, value) in details { media[key] = value }
            try await harness.receive(messages: [
                [
                    "from": "15550100001", "id": "wamid.media", "type": .string(kind),
                    "timestamp": .string(String(harness.clock.now / 1000)), kind: .object(media),
                ]
            ])
        }

        /// A customer's media message comes in; its fate, once it has one.
        func arrive(_ kind: String, _ details: JSONObject = [:]) async throws -> Message {
            try await receive(kind, details)
            try await harness.pass("the medium is still pending") {
                try await harness.message("wamid.media").media.status != .pending
            }
            return try await harness.message("wamid.media")
        }

        /// Time passes at once; what was due in it is tried once.
        func leap(_ time: Duration) async throws {
            let tried = meta.asked.files
            harness.clock.advance(by: time)
            try await harness.wait("nothing was tried after the leap") {
                let isIdle = try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'running'") == 0
                return isIdle && meta.asked.files > tried
            }
        }

        /// What listeners were told, in order.
        func events() async throws -> [String] {
            try await harness.gateway.events.list(limit: 100).events.map(\.type).filter { $0.hasPrefix("media") }
        }

        func stored() async throws -> [String] { try await harness.files.names() }
        func unfinished() async throws -> [String] { try await harness.files.unfinished() }
        func bytes(_ name: String) async throws -> [UInt8] { try await harness.files.bytes(name) }
    }

    @Test(arguments: Stage.all)
    func `a picture is fetched, checked and kept as it came`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
            let message = try await lab.arrive(
                "image", ["caption": "Look", "sha256": .string(StandInMeta.base64SHA256(Samples.jpeg))])
            #expect(message.media.status == .ready && message.media.reason == nil)
            #expect(message.media.mimeType == "image/jpeg" && message.caption == "Look")
            #expect(message.media.fileSize == Int64(Samples.jpeg.count))
            let name = try #require(message.media.url.flatMap(MediaName.inPath))
            #expect(name.wholeMatch(of: /[0-9a-f]{32}\.jpg/) != nil)
            #expect(try await lab.stored() == [name])
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.bytes(name) == Samples.jpeg)
            let file = try #require(try await lab.harness.gateway.media.open(name: name))
            #expect(file.mimeType == "image/jpeg" && file.inline && file.size == Int64(Samples.jpeg.count))
            #expect(file.etag == "\"\(StandInMeta.sha256(Samples.jpeg))\"")
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
            #expect(lab.meta.asked == (1, 1))
            #expect(try await lab.harness.history("15550100001").map(\.media) == [message.media])
        }
    }

    @Test(arguments: Stage.all)
    func `a webhook's hash may be hexadecimal, too, and has to fit`(_ stage: Stage) async throws {
        for (hash, status) in [(StandInMeta.sha256(Samples.jpeg), MediaStatus.ready), ("AAAA", .rejected)] {
            try await Lab.run(stage) { (lab: Lab) async throws in
                lab.meta.set(
                    information: [lab.meta.information(withoutHashOf: Samples.jpeg)],
                    files: [StandInMeta.file(Samples.jpeg)])
                #expect(try await lab.arrive("image", ["sha256": .string(hash)]).media.status == status)
            }
        }
    }

    @Test(arguments: Stage.all)
    func `the bytes say what a file is, whatever was announced`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.png, type: "image/jpeg")],
                files: [StandInMeta.file(Samples.png, type: "text/html")])
            let message = try await lab.arrive("image", ["mime_type": "image/jpeg"])
            #expect(message.media.mimeType == "image/png")
            #expect(message.media.url?.hasSuffix(".png") == true)
        }
    }

    private static let refused: [(name: String, kind: String, bytes: [UInt8], reason: String)] = [
        ("a PDF as a picture", "image", Samples.pdf, "application/pdf"),
        ("a page as a picture", "image", Samples.html, "text/html"),
        ("a drawing with a script", "image", Samples.svg, "image/svg+xml"),
        ("a program as a document", "document", Samples.windowsProgram, "portable-executable"),
        ("an archive as a document", "document", Samples.plainZip, "application/zip"),
        ("a picture as a sticker", "sticker", Samples.png, "image/png"),
        ("a picture as a voice note", "audio", Samples.jpeg, "image/jpeg"),
        ("nothing", "image", [], "empty"),
    ]

    @Test(arguments: Stage.all, refused.map(\.name))
    func `what the bytes don't allow is refused, and nothing of it stays`(
        _ stage: Stage, _ name: String
    ) async throws {
        let row = try #require(Self.refused.first { $0.name == name })
        try await Lab.run(stage) { lab in
            lab.meta.set(information: [lab.meta.information(of: row.bytes)], files: [StandInMeta.file(row.bytes)])
            let message = try await lab.arrive(row.kind)
            #expect(message.media.status == .rejected)
            #expect(message.media.reason?.contains(row.reason) == true, "\(message.media.reason ?? "-")")
            #expect(message.media.url == nil)
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM media") == 0)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
        }
    }

    @Test(arguments: Stage.all)
    func `a file announced too large is not even asked for`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.webp, size: 500 * 1024 + 1)],
                files: [StandInMeta.file(Samples.webp)])
            let message = try await lab.arrive("sticker")
            #expect(message.media.status == .rejected)
            #expect(message.media.reason?.contains("512000 bytes") == true)
            #expect(lab.meta.asked == (1, 0))
        }
    }

    @Test(arguments: Stage.all)
    func `a file that is larger than was announced is cut off`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            let bytes = Samples.webp + Samples.zeros(500 * 1024)
            lab.meta.set(information: [lab.meta.information(of: bytes, size: 10)], files: [StandInMeta.file(bytes)])
            let message = try await lab.arrive("sticker")
            #expect(message.media.status == .rejected)
            #expect(message.media.reason?.contains("512000 bytes") == true)
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `a file of exactly the limit passes`(_ stage: Stage) async throws {
        try await Lab.run(stage) { (lab: Lab) async throws in
            let bytes = Samples.webp + Samples.zeros(500 * 1024 - Samples.webp.count)
            lab.meta.set(information: [lab.meta.information(of: bytes)], files: [StandInMeta.file(bytes)])
            #expect(try await lab.arrive("sticker").media.status == .ready)
        }
    }

    @Test(arguments: Stage.all)
    func `bytes that miss their hash are fetched three times and then refused`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            let wrong = lab.meta.information(of: Samples.jpeg, announcing: StandInMeta.sha256([1]))
            lab.meta.set(information: [wrong], files: [StandInMeta.file(Samples.jpeg)])
            let message = try await lab.arrive("image")
            #expect(message.media.status == .rejected)
            #expect(message.media.reason?.contains("SHA-256") == true)
            #expect(lab.meta.asked == (3, 3))
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `a page instead of the bytes, under 200, is not taken for them`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)],
                files: [StandInMeta.file(Samples.html, type: "text/html"), StandInMeta.file(Samples.jpeg)])
            let message = try await lab.arrive("image")
            #expect(message.media.status == .ready)
            #expect(lab.meta.asked == (2, 2))
            #expect(try await lab.stored().count == 1)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `an address that is over is asked for anew`(_ stage: Stage) async throws {
        try await Lab.run(stage) { (lab: Lab) async throws in
            lab.meta.set(
                information: [
                    lab.meta.information(of: Samples.jpeg, file: "/file/old"),
                    lab.meta.information(of: Samples.jpeg, file: "/file/new"),
                ], files: [LocalServer.Reply(status: 404, body: Samples.html), StandInMeta.file(Samples.jpeg)])
            #expect(try await lab.arrive("image").media.status == .ready)
            #expect(lab.meta.targets.filter { $0.hasPrefix("/file") } == ["/file/old", "/file/new"])
        }
    }

    @Test(arguments: Stage.all)
    func `a medium that Meta has no more is expired, with Meta's words`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(information: [StandInMeta.refusal(100, status: 400, subcode: 33)], files: [])
            let message = try await lab.arrive("image")
            #expect(message.media.status == .expired)
            #expect(message.media.reason?.contains("100") == true)
            #expect(lab.meta.asked == (1, 0))
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'") == 1)
        }
    }

    @Test(arguments: Stage.all)
    func `trouble at Meta is waited out`(_ stage: Stage) async throws {
        try await Lab.run(stage) { (lab: Lab) async throws in
            lab.meta.set(
                information: [
                    LocalServer.Reply(status: 502, body: Samples.html), StandInMeta.refusal(4, status: 400),
                    StandInMeta.refusal(131000, status: 500), lab.meta.information(of: Samples.jpeg),
                ],
                files: [LocalServer.Reply(status: 503), StandInMeta.file(Samples.jpeg)])
            #expect(try await lab.arrive("image").media.status == .ready)
            #expect(try await lab.stored().count == 1)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `a file that came short is fetched again`(_ stage: Stage) async throws {
        try await Lab.run(stage) { (lab: Lab) async throws in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)],
                files: [StandInMeta.file(Array(Samples.jpeg.dropLast(9))), StandInMeta.file(Samples.jpeg)])
            #expect(try await lab.arrive("image").media.status == .ready)
            #expect(try await lab.stored().count == 1)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `trouble that does not end within seven days leaves a message without its file`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [LocalServer.Reply(status: 500)])
            try await lab.receive("image")
            // The waits double to an hour: nine tries or more are before that.
            try await lab.harness.pass("the medium was tried too seldom") { lab.meta.asked.files >= 9 }
            #expect(try await lab.harness.message("wamid.media").media.status == .pending)
            try await lab.leap(.seconds(6 * 86_400))
            #expect(try await lab.harness.message("wamid.media").media.status == .pending)
            try await lab.leap(.seconds(86_400))
            let message = try await lab.harness.message("wamid.media")
            #expect(message.media.status == .expired && message.media.reason == "HTTP 500: no media")
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'") == 1)
            #expect(try await lab.events() == ["media.rejected"])
        }
    }

    @Test(arguments: Stage.all)
    func `an expired medium that is tried again can still come`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(information: [StandInMeta.refusal(100, status: 400, subcode: 33)], files: [])
            #expect(try await lab.arrive("image").media.status == .expired)
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
            let report = try await lab.harness.gateway.jobControl.requeueAll(JobScope(), limit: 10)
            #expect(report.requeued == 1)
            try await lab.harness.pass("the medium is not there") {
                try await lab.harness.message("wamid.media").media.status == .ready
            }
            let media = try await lab.harness.message("wamid.media").media
            #expect(media.reason == nil && media.url != nil)
            #expect(try await lab.events() == ["media.rejected", "media.ready"])
        }
    }

    @Test(arguments: Stage.all)
    func `listeners are told of a file with the message as it is then`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
            let message = try await lab.arrive("image", ["caption": "Look"])
            let events = try await lab.harness.gateway.events.list(EventFilter(type: .mediaReady), limit: 10).events
            let event = try #require(events.first).json
            #expect(event["type"]?.string == "media.ready")
            #expect(event["room"]?.string == "whatsapp_15550100001" && event["sequence"]?.int == 1)
            #expect(event["data"] == message.json())
        }
    }

    @Test(arguments: Stage.all)
    func `a kind that is not taken is not even asked for`(_ stage: Stage) async throws {
        try await Lab.run(stage) {
            $0.mediaRules.refusedKinds = [.image]
        } _: { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
            let message = try await lab.arrive("image", ["caption": "Look"])
            #expect(message.media.status == .rejected && message.caption == "Look")
            #expect(message.media.reason == "files of kind image are not taken here")
            #expect(lab.meta.asked == (0, 0))
            let shown = try await lab.harness.history("15550100001").first?.json()
            #expect(shown?["mediaStatus"]?.string == "rejected" && shown?["mediaReason"] != nil)
            #expect(try await lab.events() == ["media.rejected"])
        }
    }

    @Test(arguments: Stage.all)
    func `settings narrow and widen what is taken`(_ stage: Stage) async throws {
        let rows: [(kind: String, bytes: [UInt8], status: MediaStatus)] = [
            ("image", Samples.gif, .rejected), ("image", Samples.jpeg, .ready), ("document", Samples.plainZip, .ready),
            ("sticker", Samples.webp + Samples.zeros(200), .rejected),
        ]
        for row in rows {
            try await Lab.run(stage) {
                $0.mediaRules.refusedTypes = ["image/gif"]
                $0.mediaRules.allowed = ["application/zip"]
                $0.mediaRules.limits = [.sticker: Int64(Samples.webp.count + 199)]
            } _: { (lab: Lab) async throws in
                lab.meta.set(information: [lab.meta.information(of: row.bytes)], files: [StandInMeta.file(row.bytes)])
                let media = try await lab.arrive(row.kind).media
                #expect(media.status == row.status, "\(row.kind): \(media.reason ?? "")")
            }
        }
    }

    @Test(
        arguments: Stage.all,
        [
            ("../../../etc/passwd", "passwd.pdf"), ("a\u{202E}fdp.exe", "afdp.exe.pdf"), ("..", "file.pdf"),
            ("invoice.pdf.exe", "invoice.pdf.exe.pdf"),
            ("C:\\Windows\\system32\\x.pdf", "x.pdf"), ("a\0b\r\nSet-Cookie: x.pdf", "a\u{FFFD}bSet-Cookie_ x.pdf"),
        ])
    func `a hostile file name names no path`(_ stage: Stage, _ name: (given: String, kept: String)) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.pdf)], files: [StandInMeta.file(Samples.pdf)])
            let message = try await lab.arrive("document", ["filename": .string(name.given)])
            #expect(message.media.fileName == name.kept)
            let stored = try #require(message.media.url.flatMap(MediaName.inPath))
            #expect(try await lab.stored() == [stored])
            let file = try #require(try await lab.harness.gateway.media.open(name: stored))
            #expect(file.downloadName == name.kept && !file.inline)
        }
    }

    @Test(arguments: Stage.all)
    func `two messages with one content have a file each`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(
                information: [lab.meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
            try await lab.harness.receive(
                messages: ["wamid.1", "wamid.2"].map { id in
                    ["from": "15550100001", "id": .string(id), "type": "image", "image": ["id": "1001"]]
                })
            try await lab.harness.pass("a medium is pending") {
                try await lab.harness.history("15550100001").allSatisfy { $0.media.status == .ready }
            }
            #expect(Set(try await lab.harness.history("15550100001").map(\.media.url)).count == 2)
            #expect(try await lab.stored().count == 2)
        }
    }

    @Test(arguments: Stage.all)
    func `a refused token pauses the account and the medium waits`(_ stage: Stage) async throws {
        try await Lab.run(stage) { lab in
            lab.meta.set(information: [StandInMeta.refusal(190, status: 401)], files: [])
            try await lab.harness.receive(messages: [
                ["from": "15550100001", "id": "wamid.media", "type": "image", "image": ["id": "1001"]]
            ])
            try await lab.harness.wait("the account is not paused") {
                let isPaused = try await lab.harness.isPaused()
                let waiting = try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE pauses = 1")
                return isPaused && waiting == 1
            }
            #expect(try await lab.harness.message("wamid.media").media.status == .pending)
        }
    }

    @Test(arguments: Stage.all, ["image", "video", "audio", "voice", "document", "sticker"])
    func `what a customer's phone sends through the simulator is taken`(
        _ stage: Stage, _ kind: String
    ) async throws {
        try await SendHarness.run(stage) { lab in
            _ = try await lab.simulator.sendMedia(kind, from: "15550100002")
            let sent = try #require(try await lab.simulator.inbox(of: "15550100002")["messages"]?[0])
            let type = try #require(sent["type"]?.string)
            try await lab.harness.receive(messages: [
                [
                    "from": "15550100002", "id": "wamid.media", "type": .string(type),
                    type: sent["content"] ?? .null,
                ]
            ])
            try await lab.harness.pass("the medium is pending") {
                try await lab.harness.message("wamid.media").media.status != .pending
            }
            let media = try await lab.harness.message("wamid.media").media
            #expect(media.status == .ready, "\(media.reason ?? "")")
            let name = try #require(media.url.flatMap(MediaName.inPath))
            #expect(try await lab.harness.files.bytes(name) == Samples.simulator(kind))
        }
    }
}
