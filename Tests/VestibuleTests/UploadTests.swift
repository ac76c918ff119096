import Fetch
import Foundation
import JSON
import Testing

@testable import Simulator

/// Files that a caller uploads and then sends.
@Suite(.timeLimit(.minutes(10))) struct UploadTests {
    private static let phone = "+15550100001"
    private static let jpeg = SampleMedia.of("image")?.bytes ?? []

    private func open(_ site: Site) async throws {
        _ = try await site.meta.say("Hello", from: Self.phone)
        try await site.messages(Self.phone, "the customer's word is there") { !$0.isEmpty }
    }

    /// Files that are being received. Their folder bears a name of the same form.
    private func unfinished(_ site: Site) throws -> [String] {
        let parent = site.uploads.appending(path: ".incoming").path
        let manager = FileManager.default
        return try manager.contentsOfDirectory(atPath: parent).filter { $0 != ".lock" }.flatMap { folder in
            try manager.contentsOfDirectory(atPath: "\(parent)/\(folder)").filter { $0 != ".lock" }
        }
    }

    private func send(_ site: Site, _ media: JSON, _ more: JSONObject = [:]) async throws -> FetchResponse {
        var body: JSONObject = ["phoneNumber": .string(Self.phone), "mediaType": "image", "mediaUrl": media]
        for (key, value) in more { body[key] = value }
        return try await site.call("POST", "/whatsapp/send", .object(body))
    }

    @Test(arguments: Storage.engines, FileStore.all)
    func `an uploaded file is served, and sent by its path with caption and name`(
        _ storage: Storage, _ files: FileStore
    ) async throws {
        try await Site.run(storage, environment: files.settings()) { site in
            try await open(site)
            let answer = try await site.upload([
                .field("mediaType", "image"), .file(Self.jpeg, name: "../holiday pic.jpeg", type: "text/plain"),
            ])
            #expect(answer.status == 201, "\(answer.text)")
            let media = answer.json
            #expect(media["success"] == true && media["mediaType"] == "image" && media["mimeType"] == "image/jpeg")
            #expect(media["fileSize"] == .integer(Int64(Self.jpeg.count)) && media["fileName"] == "holiday pic.jpeg")
            let path = try #require(media["mediaUrl"]?.string)
            let served = try await site.get(path)
            #expect(served.status == 200 && served.body == Self.jpeg)
            #expect(served.headers.first("Content-Disposition") == #"inline; filename="holiday pic.jpeg""#)

            let sent = try await send(site, .string(path), ["caption": "Look"])
            #expect([200, 202].contains(sent.status), "\(sent.text)")
            let received = try await eventually("Meta has the picture", within: .seconds(60)) {
                try await site.meta.sent(to: Self.phone, type: "image").first
            }
            #expect(received["content"]?["caption"] == "Look" && received["content"]?["id"]?.string != nil)
            let told = try #require(try await site.messages(Self.phone).last)
            #expect(told["mediaUrl"]?.string == path && told["fileName"] == "holiday pic.jpeg")
            #expect(try unfinished(site).isEmpty)
        }
    }

    @Test(arguments: Storage.engines)
    func `a file within the request is sent; only the file makes a request larger than others`(
        _ storage: Storage
    ) async throws {
        try await Site.run(storage) { site in
            try await open(site)
            func dataURL(_ bytes: [UInt8]) -> String { "data:image/jpeg;base64,\(Data(bytes).base64EncodedString())" }
            // A picture may be filled up with zeros.
            let large = Self.jpeg + [UInt8](repeating: 0, count: 3 << 20)
            let fitting = dataURL(Array(large.prefix((4 << 20) * 3 / 4 - 1024)))
            for path in ["/whatsapp/send", "/rooms/whatsapp_15550100001/messages"] {
                var body: JSONObject = ["mediaType": "image", "mediaUrl": .string(fitting)]
                body["phoneNumber"] = path == "/whatsapp/send" ? .string(Self.phone) : nil
                let sent = try await site.call("POST", path, .object(body))
                #expect([200, 202].contains(sent.status), "\(sent.text)")

                body["mediaUrl"] = .string(dataURL(large))
                let refused = try await site.call("POST", path, .object(body))
                #expect(refused.status == 413 && refused.errorCode == "PAYLOAD_TOO_LARGE")
                #expect(refused.errorMessage.contains("4096 KiB") && refused.errorMessage.contains("POST /media"))

                body["mediaUrl"] = "data:image/jpeg;base64,/9j/"
                body["text"] = .string(String(repeating: "x", count: 2 << 20))
                let padded = try await site.call("POST", path, .object(body))
                #expect(padded.status == 413 && padded.errorMessage.contains("1024 KiB"))
            }
            try await eventually("Meta has both pictures", within: .seconds(60)) {
                try await site.meta.sent(to: Self.phone, type: "image").count == 2 ? true : nil
            }
            let unreadable = try await send(site, "data:image/jpeg;base64,%%%")
            #expect(unreadable.status == 400 && unreadable.json["error"]?["data"]?["field"] == "mediaUrl")
            let disguised = try await send(site, .string(dataURL(Array("<html><body></body></html>".utf8))))
            #expect(disguised.status == 422 && disguised.json["error"]?["data"]?["found"] == "text/html")
            #expect(try unfinished(site).isEmpty)
        }
    }

    @Test func `without a kind the bytes decide, and a field behind the file counts as well`() async throws {
        try await Site.run { site in
            for kind in ["image", "video", "audio", "document", "sticker"] {
                let sample = try #require(SampleMedia.of(kind))
                let answer = try await site.upload([.file(sample.bytes, name: nil, type: "application/octet-stream")])
                #expect(answer.status == 201 && answer.json["mediaType"]?.string == kind, "\(kind): \(answer.text)")
            }
            let late = try await site.upload([
                .file(Self.jpeg, name: "a.jpg", type: "image/jpeg"), .field("mediaType", "document"),
            ])
            #expect(late.status == 422 && late.errorCode == "MEDIA_REJECTED", "\(late.text)")
            #expect(late.json["error"]?["data"]?["found"] == "image/jpeg")
        }
    }

    @Test func `what may not be sent is refused with what was found and what is allowed, and leaves nothing`()
        async throws
    {
        try await Site.run { site in
            let html = Array("<!DOCTYPE html><html><body>x</body></html>".utf8)
            let cases: [(parts: [FormPart], words: String)] = [
                ([.file(html, name: "x.jpg", type: "image/jpeg")], "text/html"),
                ([.field("mediaType", "image"), .file(html, name: "x.jpg", type: "image/jpeg")], "text/html"),
                ([.file([], name: "x.jpg", type: "image/jpeg")], "empty"),
                (
                    [
                        .field("mediaType", "image"),
                        .file(Self.jpeg + Pattern.bytes(5 << 20), name: "x.jpg", type: "a/b"),
                    ],
                    "5242880 bytes"
                ),
                (
                    [.file(Self.jpeg + Pattern.bytes(5 << 20), name: "x.jpg", type: "a/b")], "5242880 bytes"
                ),
            ]
            for row in cases {
                let answer = try await site.upload(row.parts)
                #expect(answer.status == 422 && answer.errorCode == "MEDIA_REJECTED", "\(answer.text)")
                #expect(answer.text.contains(row.words), "\(answer.text)")
            }
            let refused = try await site.upload(cases[0].parts).json["error"]?["data"]
            #expect(refused?["found"] == "text/html")
            #expect(refused?["allowed"]?.array?.contains("application/pdf") == true)
            #expect(try unfinished(site).isEmpty)
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM media") == 0)
        }
    }

    @Test func `a form that is none is refused with the field that is wrong`() async throws {
        try await Site.run { site in
            let file = FormPart.file(Self.jpeg, name: "x.jpg", type: "image/jpeg")
            let cases: [(parts: [FormPart], field: String)] = [
                ([], "file"), ([.field("mediaType", "image")], "file"), ([file, file], "file"),
                ([.field("mediaType", "hologram"), file], "mediaType"),
                ([file, .field("mediaType", "x")], "mediaType"),
                ([.field("mediaType", String(repeating: "x", count: 100_000)), file], "mediaType"),
                ([.field("colour", "red"), file], "colour"), ([.field("fit", "perhaps"), file], "fit"),
                ([.field("fit", "true"), file], "fit"),
                ([.field("mediaType", "video"), .field("fit", "true"), file], "fit"),
                ([.field("fit", "true"), .field("fit", "true"), file], "fit"),
            ]
            for row in cases {
                let answer = try await site.upload(row.parts)
                #expect(
                    answer.status == 400 && answer.json["error"]?["data"]?["field"]?.string == row.field,
                    "\(answer.text)")
            }
            let json = try await site.call("POST", "/media", ["file": "x"])
            #expect(json.status == 415 && json.errorCode == "UNSUPPORTED_MEDIA_TYPE")
            let cut = try await site.call(
                "POST", "/media", bytes: Array("--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nxx".utf8),
                headers: [("Content-Type", "multipart/form-data; boundary=b")])
            #expect(cut.status == 400, "\(cut.text)")
            #expect(try unfinished(site).isEmpty)
        }
    }

    @Test func `it needs a key, and a body that is too large is not read`() async throws {
        try await Site.run(environment: ["API_KEYS": "a-key-of-this-test"]) { site in
            let file = FormPart.file(Self.jpeg, name: "x.jpg", type: "image/jpeg")
            #expect(try await site.upload([file]).status == 401)
            let keyed = [("X-API-Key", "a-key-of-this-test")]
            #expect(try await site.upload([file], headers: keyed).status == 201)
            let connection = try RawConnection(site.base)
            try connection.send(
                "POST /media HTTP/1.1\r\nHost: localhost\r\nX-API-Key: a-key-of-this-test\r\nContent-Length: 200000000\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n")
            #expect(try connection.receive().map { String(decoding: $0, as: UTF8.self) }?.contains(" 413 ") == true)
        }
    }

    @Test func `an upload that breaks off leaves nothing`() async throws {
        try await Site.run { site in
            let connection = try RawConnection(site.base)
            try connection.send(
                "POST /media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n"
                    + "Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n"
                    + String(repeating: "x", count: 300_000))
            try await eventually("the file is begun") { try unfinished(site).isEmpty ? nil : true }
            connection.finish()
            try await eventually("the file is gone") { try unfinished(site).isEmpty ? true : nil }
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `a document of a hundred megabytes is not held in memory`() async throws {
        try await Site.run { site in
            let document = Padded.pdf([UInt8](repeating: 7, count: 99 << 20))
            _ = try await site.upload([.file(Self.jpeg, name: "x.jpg", type: "image/jpeg")])
            let growth = try await Memory.growth(of: site.program.processID) {
                let answer = try await site.upload([.file(document, name: "large.pdf", type: "application/pdf")])
                #expect(answer.status == 201, "\(answer.text)")
                #expect(answer.json["fileSize"] == .integer(Int64(document.count)))
            }
            #expect(growth < 32 << 20, "\(growth >> 20) MiB")
        }
    }
}
