import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

/// The built program with its files in a bucket.
@Suite(.timeLimit(.minutes(5))) struct ObjectStorageTests {
    @Test(.enabled(if: FileStore.isComplete), arguments: [5000, (9 << 20) + 123])
    func `what a customer sends is served from the bucket, whole and in parts, also after a restart`(
        _ size: Int
    ) async throws {
        let settings = try FileStore.objects.settings()
        try await Site.run(.sqlite, environment: settings) { site in
            let bytes = Padded.pdf(Pattern.bytes(size))
            _ = try await site.meta.sendMedia(
                "document", bytes: bytes, mimeType: "application/pdf", caption: "Look", from: "+15550100001")
            let messages = try await site.messages("+15550100001", "the document is ready") {
                $0.first?["mediaStatus"] == "ready"
            }
            let path = try #require(messages[0]["mediaUrl"]?.string)
            #expect(!FileManager.default.fileExists(atPath: site.uploads.appending(path: "whatsapp").path))
            for _ in 1...2 {
                let whole = try await site.get(path)
                #expect(whole.status == 200 && whole.body == bytes)
                #expect(whole.headers.first("Content-Type") == "application/pdf")
                let end = bytes.count - 10
                let part = try await site.get(path, headers: [("Range", "bytes=\(end)-")])
                #expect(part.status == 206 && part.body == Array(bytes[end...]))
                let head = try await site.call("HEAD", path)
                #expect(head.status == 200 && head.headers.first("Content-Length") == String(bytes.count))
                try await site.stop()
                try await site.start()
            }
            let doctor = try await site.command(["doctor"])
            #expect(doctor.output.contains("\nok    s3"), "\(doctor.output)")
            #expect(!doctor.output.contains(settings["AWS_SECRET_ACCESS_KEY"] ?? ""))
            #expect(try await site.get("/ready").status == 200)
        }
    }

    @Test func `storage that is away is told by the doctor and by readiness, without a secret`() async throws {
        let settings = [
            "S3_ENDPOINT": "http://127.0.0.1:1", "S3_BUCKET": "media", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "hunter2",
        ]
        try await Site.run(.sqlite, environment: settings) { site in
            let ready = try await site.get("/ready")
            #expect(ready.json["status"] == "degraded" && ready.text.contains("can't be connected to"))
            let doctor = try await site.command(["doctor"])
            #expect(doctor.ending == .exit(1) && doctor.output.contains("\nfail  s3"))
            for text in [ready.text, doctor.output, doctor.errors, site.program.log] {
                #expect(!text.contains("hunter2") && !text.contains("AKIAEXAMPLE"))
            }
        }
    }
}
