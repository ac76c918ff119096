import Fetch
import Foundation
import JSON
import Testing

/// Previews and other forms of files, over HTTP.
@Suite(.timeLimit(.minutes(5))) struct MediaFormTests {
    private static let isInstalled = ["ffmpeg", "pdftoppm"].allSatisfy {
        FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
    }
    private static let phone = "+15550100001"

    private func link(_ site: Site, _ kind: String) async throws -> String {
        _ = try await site.meta.sendMedia(kind, from: Self.phone)
        let messages = try await site.messages(Self.phone, "the \(kind) is ready") {
            $0.last?["mediaStatus"] == "ready" && $0.last?["type"]?.string == (kind == "voice" ? "audio" : kind)
        }
        return try #require(messages.last?["mediaUrl"]?.string)
    }

    @Test(.enabled(if: isInstalled)) func `a preview is served as files are, and signed links hold for it`()
        async throws
    {
        for settings in [[:], ["MEDIA_URL_TTL": "3600"]] {
            try await Site.run(.sqlite, environment: settings) { site in
                let link = try await link(site, "image")
                let query = link.contains("?") ? "&thumb=1" : "?thumb=1"
                let whole = try await site.get(link + query)
                #expect(whole.status == 200 && whole.headers.first("Content-Type") == "image/jpeg", "\(whole.text)")
                #expect(whole.body.starts(with: [0xFF, 0xD8]) && whole.headers.first("ETag") != nil)
                #expect(whole.headers.first("Content-Security-Policy") == "default-src 'none'; sandbox")
                #expect(try await site.get(link).body != whole.body)
                let part = try await site.get(link + query, headers: [("Range", "bytes=0-9")])
                #expect(part.status == 206 && part.body == Array(whole.body[..<10]))
                let head = try await site.call("HEAD", link + query)
                #expect(head.status == 200 && head.headers.first("Content-Length") == String(whole.body.count))
                if !settings.isEmpty {
                    let path = String(link.prefix { $0 != "?" })
                    #expect(try await site.get(path + "?thumb=1").status == 403)
                    #expect(try await site.get(path + ".thumb.jpg").status == 403)
                    #expect(try await site.get(link.replacing("?", with: ".thumb.jpg?")).status == 403)
                }
            }
        }
    }

    @Test(.enabled(if: isInstalled)) func `what is no form of a file is refused with its reason`() async throws {
        try await Site.run(.sqlite) { site in
            let link = try await link(site, "image")
            for (query, status) in [
                ("?thumb=2", 400), ("?as=exe", 400), ("?as=m4a&thumb=1", 404), ("?thumb=1&thumb=1", 400),
                ("?as=m4a", 404),
            ] {
                let answer = try await site.get(link + query)
                #expect(answer.status == status, "\(query) \(answer.text)")
            }
            #expect(try await site.get(link + "?as=m4a").errorMessage.contains("OGG"))
            #expect(try await site.get("/uploads/whatsapp/0123456789abcdef.jpg?thumb=1").status == 404)
        }
    }

    @Test func `without the programs files are served as they are, and the doctor names what is missing`() async throws
    {
        // The server needs no other program than these.
        try await Site.run(.sqlite, environment: ["PATH": "/nonexistent"]) { site in
            let link = try await link(site, "image")
            #expect(try await site.get(link).status == 200)
            let answer = try await site.get(link + "?thumb=1")
            #expect(answer.status == 404 && answer.errorMessage.contains("ffmpeg is not installed"))
            let doctor = try await site.command(["doctor"])
            #expect(doctor.output.contains("\nwarn  formats"), "\(doctor.output)")
            #expect(doctor.output.contains("ffmpeg") && doctor.output.contains("poppler-utils"))
        }
    }

    /// Two seconds of a tone as browsers record it, or a picture too large for WhatsApp.
    private func made(_ name: String, _ arguments: [String]) throws -> [UInt8] {
        let path = NSTemporaryDirectory() + "/\(UUID().uuidString)-\(name)"
        defer { unlink(path) }
        let process = try Process.run(
            URL(fileURLWithPath: "/usr/bin/ffmpeg"),
            arguments: ["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i"] + arguments + [path])
        process.waitUntilExit()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test(.enabled(if: isInstalled)) func `what is uploaded gets the form that WhatsApp takes, too`() async throws {
        let recording = try made("note.webm", ["sine=440:d=2", "-c:a", "libopus"])
        let picture = try made("noise.png", ["nullsrc=s=2400x1800,geq=random(1)*255:128:128", "-frames:v", "1"])
        try #require(picture.count > 5 << 20)
        try await Site.run(.sqlite) { site in
            let voice = try await site.upload([
                .field("mediaType", "audio"), .file(recording, name: "note.webm", type: "audio/webm"),
            ])
            #expect(voice.status == 201 && voice.json["mediaType"] == "voice", "\(voice.text)")
            #expect(voice.json["mimeType"] == "audio/ogg" && voice.json["fileName"] == "note.ogg")
            let file = FormPart.file(picture, name: "noise.png", type: "image/png")
            #expect(try await site.upload([.field("mediaType", "image"), file]).status == 422)
            for fields in [[("mediaType", "image"), ("fit", "true")], [("fit", "true"), ("mediaType", "image")]] {
                let small = try await site.upload(fields.map { .field($0.0, $0.1) } + [file])
                #expect(small.status == 201 && small.json["mimeType"] == "image/jpeg", "\(small.text)")
                #expect(small.json["fileName"] == "noise.jpg")
                let path = try #require(small.json["mediaUrl"]?.string)
                #expect(try await site.get(path).body.count <= 5 << 20)
            }
        }
    }
}
