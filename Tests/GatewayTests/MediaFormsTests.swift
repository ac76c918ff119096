import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Recordings become voice messages, large pictures fit, and stored files have other forms.
@Suite(.enabled(if: MadeSamples.isPossible), .timeLimit(.minutes(10))) struct MediaFormsTests {
    /// A gateway that may fetch these bytes.
    private func serving(
        _ stage: Stage, _ bytes: [UInt8], change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (SendHarness, String) async throws -> Void
    ) async throws {
        let server = try LocalServer { _ in StandInMeta.file(bytes) }
        defer { server.stop() }
        try await SendHarness.run(stage) {
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
            change(&$0)
        } _: { lab in
            try await body(lab, server.origin + "/file")
        }
    }

    private func draft(_ url: String, _ kind: MediaKind, fileName: String? = nil) throws -> Draft {
        Draft(content: .media(try OutgoingMedia(kind: kind, fileName: fileName)), mediaURL: url)
    }

    @Test(arguments: Stage.all)
    func `what a browser records goes out as a voice message`(_ stage: Stage) async throws {
        for bytes in [try MadeSamples.webm(), try MadeSamples.wav()] {
            try await serving(stage, bytes) { lab, url in
                let message = try await lab.send(draft(url, .audio, fileName: "recording.webm"))
                #expect(message.status == .sent && message.media.mimeType == "audio/ogg")
                #expect(message.extras["voice"] == true)
                let name = try #require(message.media.url.flatMap(MediaName.inPath))
                let stored = try await lab.bytes(name)
                #expect(try await lab.stored() == [name] && stored != bytes)
                #expect(message.media.fileSize == Int64(stored.count))
                let facts = try MadeSamples.facts(stored, "ogg")
                #expect(facts["codec_name"] == "opus" && facts["channels"] == "1" && facts["sample_rate"] == "48000")
                #expect(Double(facts["duration"] ?? "").map { $0 > 1.5 } == true)
                #expect(try await lab.harness.gateway.media.open(name: name)?.downloadName == "recording.ogg")
                #expect(try await lab.unfinished().isEmpty)
                let sent = try #require(try await lab.simulator.sent(to: SendHarness.customer).first)
                #expect(sent["type"]?.string == "audio" && sent["content"]?["voice"] == true)
            }
        }
    }

    @Test func `what is no recording is refused, and so is one when ffmpeg is not there`() async throws {
        let broken = Array(try MadeSamples.webm().prefix(60)) + Samples.zeros(5000)
        try await serving(Stage.all[0], broken) { (lab: SendHarness, url: String) async throws in
            let error = await #expect(throws: GatewayError.self) { try await lab.submit(draft(url, .audio)) }
            #expect(error?.code == .mediaRejected)
            #expect(try await lab.stored().isEmpty)
            #expect(try await lab.unfinished().isEmpty)
        }
        try await serving(Stage.all[0], try MadeSamples.webm()) {
            $0.mediaPrograms = MediaPrograms(in: "/nonexistent")
        } _: { (lab: SendHarness, url: String) async throws in
            let error = await #expect(throws: GatewayError.self) { try await lab.submit(draft(url, .audio)) }
            #expect(error?.code == .mediaRejected && error?.message.contains("ffmpeg") == true)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test(arguments: ["jpg", "png"])
    func `a picture that is too large is scaled down where that is asked for`(_ type: String) async throws {
        let bytes = try MadeSamples.large(type)
        let limit = MediaRules.limit(of: .image)
        try #require(Int64(bytes.count) > limit)
        try await serving(Stage.all[0], bytes) { lab, url in
            var draft = try draft(url, .image, fileName: "noise.\(type)")
            let refused = await #expect(throws: GatewayError.self) { try await lab.submit(draft) }
            #expect(refused?.code == .mediaRejected && refused?.data["limit"] == .integer(limit))
            draft.fits = true
            let message = try await lab.send(draft)
            #expect(message.status == .sent && message.media.mimeType == "image/jpeg")
            #expect(message.media.fileSize.map { $0 <= limit } == true)
            let name = try #require(message.media.url.flatMap(MediaName.inPath))
            let facts = try MadeSamples.facts(try await lab.bytes(name), "jpg")
            #expect(Int(facts["width"] ?? "").map { $0 >= 2048 } == true)
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    @Test func `a picture that fits goes out as it is`() async throws {
        try await serving(Stage.all[0], Samples.jpeg) { lab, url in
            var draft = try draft(url, .image)
            draft.fits = true
            let name = try #require(try await lab.send(draft).media.url.flatMap(MediaName.inPath))
            #expect(try await lab.bytes(name) == Samples.jpeg)
        }
    }

    /// Takes bytes into the store as received ones.
    private func store(_ bytes: [UInt8], _ kind: MediaKind, _ harness: Harness, name: String? = nil) async throws
        -> String
    {
        let media = harness.gateway.media
        let path = media.temporaryPath()
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let facts = try FileFacts(of: path)
        let hash = stride(from: 0, to: 64, by: 2).compactMap { offset in
            UInt8(facts.sha256.dropFirst(offset).prefix(2), radix: 16)
        }
        return try await media.adopt(
            path, kind: kind, sha256: hash, size: facts.size, originalName: name, account: .default, isSending: false
        ).name
    }

    private func form(_ form: Rendition, of name: String, _ harness: Harness) async throws -> (StoredFile, [UInt8]) {
        try await harness.gateway.renditions.prepare(form, of: name)
        let made = form.name(of: name)
        let file = try #require(try await harness.gateway.media.open(name: made))
        return (file, try await harness.files.bytes(made))
    }

    @Test(arguments: Stage.all)
    func `pictures, films and PDFs have a preview of at most 320 pixels`(_ stage: Stage) async throws {
        let table: [(bytes: [UInt8], kind: MediaKind, width: String, height: String)] = [
            (try MadeSamples.jpeg(1600, 900), .image, "320", "180"), (try MadeSamples.jpeg(90, 60), .image, "90", "60"),
            (try MadeSamples.gif(), .image, "200", "100"), (try MadeSamples.webp(), .image, "320", "256"),
            (try MadeSamples.transparent(), .image, "300", "200"), (try MadeSamples.mp4(), .video, "320", "180"),
            (MadeSamples.pdf, .document, "247", "320"),
        ]
        try await Harness.run(stage, isServing: false) { harness in
            for row in table {
                let name = try await store(row.bytes, row.kind, harness)
                let (file, bytes) = try await form(.thumbnail, of: name, harness)
                #expect(file.mimeType == "image/jpeg" && file.inline && file.size == Int64(bytes.count))
                #expect(file.etag == "\"\(StandInMeta.sha256(bytes))\"")
                let facts = try MadeSamples.facts(bytes, "jpg")
                // Programs round differently.
                for (found, wanted) in [(facts["width"], row.width), (facts["height"], row.height)] {
                    #expect(abs((Int(found ?? "") ?? 0) - (Int(wanted) ?? 0)) <= 1, "\(name): \(found ?? "")")
                }
                if row.bytes == table[4].bytes { #expect(try MadeSamples.pixel(bytes).allSatisfy { $0 > 250 }) }
            }
            #expect(try await harness.files.unfinished().isEmpty)
        }
    }

    @Test(arguments: Stage.all)
    func `a voice message has an m4a form under its name`(_ stage: Stage) async throws {
        try await Harness.run(stage, isServing: false) { harness in
            let name = try await store(try MadeSamples.ogg(), .audio, harness, name: "note.ogg")
            let (file, bytes) = try await form(.m4a, of: name, harness)
            #expect(file.mimeType == "audio/mp4" && file.inline && file.downloadName?.hasSuffix(".m4a") == true)
            #expect(try MadeSamples.facts(bytes, "m4a")["codec_name"] == "aac")
        }
    }

    @Test func `what has no such form, can't be read or has no program is said to be so`() async throws {
        try await Harness.run(.sqlite, isServing: false) { harness in
            let broken = try await store(MadeSamples.unreadable, .image, harness)
            let voice = try await store(try MadeSamples.ogg(), .audio, harness)
            let picture = try await store(Samples.jpeg, .image, harness)
            let table: [(Rendition, String, String)] = [
                (.thumbnail, broken, "can't be read"), (.thumbnail, broken, "can't be read"),
                (.thumbnail, voice, "images, videos and PDFs"), (.m4a, picture, "OGG"),
                (.thumbnail, "0123456789abcdef.jpg", "no such file"),
            ]
            for (form, name, words) in table {
                let error = await #expect(throws: GatewayError.self) {
                    try await harness.gateway.renditions.prepare(form, of: name)
                }
                #expect(error?.code == .notFound && error?.message.contains(words) == true, "\(error?.message ?? "")")
                #expect(try await harness.gateway.media.open(name: form.name(of: name)) == nil)
            }
            #expect(try await harness.files.unfinished().isEmpty)
        }
        try await Harness.run(.sqlite, isServing: false) {
            $0.mediaPrograms = MediaPrograms(in: "/nonexistent")
        } _: { harness in
            let name = try await store(Samples.jpeg, .image, harness)
            let error = await #expect(throws: GatewayError.self) {
                try await harness.gateway.renditions.prepare(.thumbnail, of: name)
            }
            #expect(error?.code == .notFound && error?.message.contains("ffmpeg is not installed") == true)
        }
    }

    @Test(arguments: Stage.all)
    func `with its file goes what was made of it`(_ stage: Stage) async throws {
        try await Harness.run(stage, isServing: false) { harness in
            let name = try await store(try MadeSamples.jpeg(640, 480), .image, harness)
            let (_, bytes) = try await form(.thumbnail, of: name, harness)
            #expect(!bytes.isEmpty)
            #expect(try await harness.files.names().count == 2)
            harness.clock.advance(by: .seconds(2 * 86_400))
            try await harness.gateway.purge.purge()
            #expect(try await harness.files.names().isEmpty)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM media_renditions") == 0)
            #expect(try await harness.gateway.media.open(name: Rendition.thumbnail.name(of: name)) == nil)
        }
    }

    /// An ffmpeg that notes each of its runs, and begins when the gate is opened.
    private struct GatedPrograms {
        let folder = NSTemporaryDirectory() + "/programs-\(MediaName.random())"
        var programs: MediaPrograms { MediaPrograms(in: folder + ":/usr/bin:/bin") }
        var runs: Int { ((try? String(contentsOfFile: folder + "/runs", encoding: .utf8)) ?? "").count { $0 == "\n" } }

        init() throws {
            try LocalFile.makeFolder(folder)
            let script = """
                #!/bin/sh
                echo run >> \(folder)/runs
                until [ -e \(folder)/gate ]; do sleep 0.02; done
                exec /usr/bin/ffmpeg "$@"

                """
            try Data(script.utf8).write(to: URL(fileURLWithPath: folder + "/ffmpeg"))
            chmod(folder + "/ffmpeg", 0o755)
        }

        func open() throws { try Data().write(to: URL(fileURLWithPath: folder + "/gate")) }
        func remove() { try? FileManager.default.removeItem(atPath: folder) }  // left over it harms nobody
    }

    @Test func `a form is made once for all who ask for it`() async throws {
        let gated = try GatedPrograms()
        defer { gated.remove() }
        try await Harness.run(.sqlite, isServing: false) {
            $0.mediaPrograms = gated.programs
        } _: { harness in
            let name = try await store(try MadeSamples.jpeg(640, 480), .image, harness)
            try await withThrowingTaskGroup { group in
                for _ in 1...40 {
                    group.addTask { try await harness.gateway.renditions.prepare(.thumbnail, of: name) }
                }
                try await harness.wait("ffmpeg does not run") { gated.runs > 0 }
                try gated.open()
                try await group.waitForAll()
            }
            try await harness.gateway.renditions.prepare(.thumbnail, of: name)
            #expect(gated.runs == 1)
        }
    }

    @Test(arguments: Stage.all)
    func `nothing is left of a form whose file went while it was made`(_ stage: Stage) async throws {
        let gated = try GatedPrograms()
        defer { gated.remove() }
        try await Harness.run(stage, isServing: false) {
            $0.mediaPrograms = gated.programs
        } _: { harness in
            let name = try await store(try MadeSamples.jpeg(640, 480), .image, harness)
            async let made: Void = harness.gateway.renditions.prepare(.thumbnail, of: name)
            try await harness.wait("ffmpeg does not run") { gated.runs > 0 }
            // As the purge does; the bytes are still there to be read.
            try await harness.database.transaction { session in try MediaTable.delete(name, session) }
            try gated.open()
            do {
                try await made
                Issue.record("it is there without its source")
            } catch {
                #expect((error as? GatewayError)?.code == .notFound)
            }
            #expect(try await harness.files.names() == [name])
            #expect(try await harness.files.unfinished().isEmpty)
        }
    }

    @Test func `a source names no other file, and no network`() {
        for conversion in [
            Conversion.thumbnail(of: .mp4), .thumbnail(of: .jpeg), .voiceMessage(of: .matroska), .m4a,
            .smaller(of: .png, side: 2048),
        ] {
            let line = conversion.arguments(input: "/x")
            let input = line.firstIndex(of: "-i") ?? 0
            #expect(line[..<input].contains("-protocol_whitelist") && line[..<input].contains("file,pipe"))
            #expect(line[..<input].contains("-f"), "the reader is named, never guessed")
        }
    }
}
