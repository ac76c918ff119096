import Foundation
import JSON
import Testing
import WhatsApp

@testable import Gateway

/// The same each time.
private struct Chance: RandomNumberGenerator {
    private var state: UInt64 = 0x2545_F491_4F6C_DD1D

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// Every true file passes, and every file that pretends is refused, whichever way it goes.
@Suite(.timeLimit(.minutes(10))) struct CorpusTests {
    @Test func `what customers send is kept, or refused with what is wrong with it`() async throws {
        let meta = try StandInMeta()
        defer { meta.stop() }
        try await Harness.run(.sqlite, graphURL: meta.origin) {
            $0.mediaRules = MediaRules(allowsText: true)
        } _: { harness in
            var taken = 0
            for (number, row) in Corpus.rows.enumerated() {
                meta.set(information: [meta.information(of: row.bytes)], files: [StandInMeta.file(row.bytes)])
                let (id, kind) = ("wamid.corpus.\(number)", row.kind.rawValue)
                try await harness.receive(messages: [
                    [
                        "from": "15550100001", "id": .string(id), "type": .string(kind),
                        "timestamp": .string(String(harness.clock.now / 1000)), kind: ["id": "1001"],
                    ]
                ])
                try await harness.pass("\(row.name) is still pending") {
                    try await harness.message(id).media.status != .pending
                }
                let media = try await harness.message(id).media
                switch row.outcome {
                case .taken(let type):
                    taken += 1
                    #expect(media.status == .ready && media.mimeType == type, "\(row.name): \(media.reason ?? "-")")
                case .refused(let words):
                    #expect(media.status == .rejected && media.url == nil, "\(row.name)")
                    #expect(media.reason.map { words.isEmpty || $0.contains(words) } == true, "\(row.name): \(media)")
                }
            }
            #expect(try await harness.files.names().count == taken)
            #expect(try await harness.files.unfinished().isEmpty)
        }
    }

    @Test func `what is to be sent is taken, or refused with what was found and what is allowed`() async throws {
        let server = try LocalServer { target in
            StandInMeta.file(Int(target.dropFirst()).map { Corpus.rows[$0].bytes } ?? [])
        }
        defer { server.stop() }
        try await SendHarness.run(.sqlite, isServing: false) {
            $0.mediaRules = MediaRules(allowsText: true)
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
        } _: { lab in
            for (number, row) in Corpus.rows.enumerated() {
                let draft = Draft(
                    content: .media(try OutgoingMedia(kind: row.kind)), mediaURL: server.origin + "/\(number)")
                do {
                    let message = try await lab.submit(draft)
                    guard row.goesOut, case .taken(let type) = row.outcome else {
                        Issue.record("\(row.name) is sent")
                        continue
                    }
                    #expect(message.media.mimeType == type, "\(row.name)")
                } catch let error as GatewayError {
                    #expect(error.code == .mediaRejected, "\(row.name): \(error)")
                    if case .taken = row.outcome { #expect(!row.goesOut, "\(row.name): \(error)") }
                    let isTooLarge = error.data["limit"] != nil
                    #expect(isTooLarge || error.data["found"]?.string?.isEmpty == false, "\(row.name)")
                    #expect(isTooLarge || error.data["allowed"]?.array?.isEmpty == false, "\(row.name)")
                    if row.goesOut, case .refused(let words) = row.outcome {
                        #expect(words.isEmpty || error.message.contains(words), "\(row.name): \(error.message)")
                    }
                }
            }
            #expect(try await lab.unfinished().isEmpty)
        }
    }

    /// True files whose types have an end.
    private static let ended: [(type: String, bytes: [UInt8])] = [
        ("image/jpeg", Samples.jpeg), ("image/png", Samples.png), ("image/gif", Samples.gif),
        ("image/webp", Samples.webp), ("video/mp4", Samples.mp4), ("application/pdf", Samples.pdf),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", Samples.docx),
        ("application/msword", Samples.doc),
    ]

    private func isWhole(_ bytes: [UInt8], _ type: String) throws -> Bool {
        let path = NSTemporaryDirectory() + "/corpus-\(MediaName.random())"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { unlink(path) }
        do {
            try FileInspection.check(path, type: FileInspection.type(ofFileAt: path, sniffed: type))
            return true
        } catch is Malformed {
            return false
        }
    }

    @Test func `no file passes with less than all of its bytes`() throws {
        for sample in Self.ended {
            #expect(try isWhole(sample.bytes, sample.type), "\(sample.type)")
            for part in 0..<32 {
                let bytes = Array(sample.bytes.prefix(sample.bytes.count * part / 32))
                #expect(try !isWhole(bytes, sample.type), "\(sample.type) of \(bytes.count) bytes")
            }
        }
    }

    private static let recorded: [(suffix: String, options: [String])] = [
        ("mp3", []), ("mp3", ["-write_xing", "0"]), ("mp3", ["-q:a", "4"]), ("mp3", ["-b:a", "320k", "-ar", "48000"]),
        ("mp3", ["-ar", "8000", "-ac", "1"]), ("mp3", ["-ar", "22050", "-q:a", "9"]),
        ("mp3", ["-id3v2_version", "3", "-write_id3v1", "1", "-metadata", "title=tone"]),
        ("mp3", ["-id3v2_version", "0", "-write_apetag", "1", "-metadata", "title=tone"]),
        ("mp2", []), ("aac", []), ("aac", ["-ar", "8000", "-ac", "1"]), ("aac", ["-b:a", "256k", "-ac", "2"]),
        ("aac", ["-write_id3v2", "1", "-metadata", "title=tone"]), ("aac", ["-write_apetag", "1"]),
    ]

    @Test(.enabled(if: MadeSamples.isPossible))
    func `sounds that coders write pass whole, and not when they are cut off in a frame`() throws {
        for (suffix, options) in Self.recorded {
            let bytes = try MadeSamples.sound(suffix, options)
            let type = suffix == "aac" ? "audio/aac" : "audio/mpeg"
            #expect(try isWhole(bytes, type), "\(suffix) \(options)")
            // The ends of two frames are farther apart.
            let cuts = [1, 2, 3].map { bytes.count / 2 + $0 }
            let passing = try cuts.filter { try isWhole(Array(bytes.prefix($0)), type) }
            #expect(passing.count <= 1, "\(suffix) \(options) of \(passing) bytes")
        }
    }

    @Test func `no damage does more than have a file refused`() throws {
        var generator = Chance()
        let sounds = [("audio/ogg", Samples.ogg), ("audio/mpeg", Samples.mp3), ("audio/aac", Samples.aac)]
        for (type, sample) in Self.ended + sounds + [("audio/amr", Samples.amr)] {
            for _ in 0..<100 {
                var bytes = sample
                for _ in 0..<Int.random(in: 1...8, using: &generator) {
                    // Heads and directories stand at both ends.
                    let near = Int.random(in: 0..<min(200, bytes.count), using: &generator)
                    let place = [near, bytes.count - 1 - near, Int.random(in: bytes.indices, using: &generator)]
                    bytes[place.randomElement(using: &generator) ?? 0] =
                        [0, 1, 0x7F, 0x80, 0xFF, UInt8.random(in: 0...255, using: &generator)].randomElement(
                            using: &generator) ?? 0
                }
                // Whether it passes is chance; anything but a verdict is thrown here.
                _ = try isWhole(bytes, type)
            }
        }
    }
}
