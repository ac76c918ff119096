import Fetch
import JSON
import Testing

@testable import Simulator

@Suite(.timeLimit(.minutes(1)))
struct MediaTests {
    @Test func `an upload can be described, fetched, sent and deleted`() async throws {
        try await Lab.run { lab in
            let bytes = try #require(SampleMedia.of("image")).bytes
            let id = try #require(
                try await lab.upload(bytes, type: "image/jpeg", name: "a \"b\";c.jpg").json["id"]?.string)
            let info = try await lab.graph("GET", "/v25.0/\(id)?phone_number_id=200000000000101").json
            #expect(info["mime_type"] == "image/jpeg" && info["file_size"]?.int == Int64(bytes.count))
            let path = String(try #require(info["url"]?.string).dropFirst(lab.base.count))
            #expect(try await lab.graph("GET", path).body == bytes)
            #expect(try await lab.send(["type": "image", "image": ["id": .string(id)]]).status == 200)
            #expect(try await lab.send(["type": "video", "video": ["id": .string(id)]]).errorCode == 131009)
            #expect(try await lab.graph("DELETE", "/v25.0/\(id)").json == ["success": true])
            #expect(try await lab.graph("GET", "/v25.0/\(id)").json["error"]?["error_subcode"] == 33)
            #expect(try await lab.graph("GET", path).status == 404)
        }
    }

    @Test func `what Meta does not take is refused with the list of types`() async throws {
        try await Lab.run { lab in
            let webm = try await lab.upload([1, 2, 3], type: "video/webm", name: "a.webm")
            #expect(webm.status == 400 && webm.errorCode == 100)
            #expect(webm.json["error"]?["message"]?.string?.contains("'video/webm'") == true)
            #expect(try await lab.upload(Array("<html>".utf8), type: "image/jpeg", name: "a.jpg").errorCode == 100)
            let big = [0xff, 0xd8, 0xff] + [UInt8](repeating: 7, count: 5 * 1_048_576)
            #expect(try await lab.upload(big, type: "image/jpeg", name: "a.jpg").errorCode == 131053)
            let bare = try await lab.graph("POST", "/v25.0/200000000000101/media", [:])
            #expect(bare.errorCode == 100)
        }
    }

    @Test func `a media URL is over after its lifetime`() async throws {
        try await Lab.run {
            $0.mediaURLLifetime = 0
        } _: { lab in
            let bytes = try #require(SampleMedia.of("document")).bytes
            let id = try #require(
                try await lab.upload(bytes, type: "application/pdf", name: "a.pdf").json["id"]?.string)
            let info = try await lab.graph("GET", "/v25.0/\(id)").json
            let path = String(try #require(info["url"]?.string).dropFirst(lab.base.count))
            #expect(try await lab.graph("GET", path).status == 404)
        }
    }

    @Test func `the shelf drops the oldest beyond its limit and keeps shared contents`() async throws {
        let shelf = MediaShelf(limit: 100)
        defer { shelf.removeAll() }
        func add(_ byte: UInt8) async throws -> MediaEntry {
            try await shelf.add(
                [UInt8](repeating: byte, count: 40), mimeType: "text/plain", fileName: nil)
        }
        let first = try await add(1)
        let second = try await add(2)
        let copy = try await add(1)
        #expect(shelf.bytes == 80)
        let third = try await add(3)
        #expect(shelf.entry(first.id) == nil && shelf.entry(second.id) == nil)
        #expect(await shelf.content(copy) == [UInt8](repeating: 1, count: 40))
        #expect(await shelf.content(third) != nil)
        #expect(shelf.bytes == 80)
    }

    @Test func `multipart parts are found whatever their bytes`() throws {
        let body = Array(
            ("--b\r\nContent-Disposition: form-data; name=\"one\"\r\n\r\n1\r\n--not\r\n--b\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"a\\\"b.txt\"\r\nContent-Type: text/plain\r\n"
                + "\r\n\r\n\r\n--b--\r\n").utf8)
        let form = try #require(MultipartForm(contentType: "multipart/form-data; boundary=b", body: body))
        #expect(form.text("one") == "1\r\n--not")
        #expect(form["file"]?.fileName == "a\"b.txt" && form["file"]?.contentType == "text/plain")
        #expect(form.text("file") == "\r\n")
        #expect(MultipartForm(contentType: "multipart/form-data; boundary=b", body: Array(body.dropLast(9))) == nil)
        #expect(MultipartForm(contentType: "text/plain", body: body) == nil)
        #expect(MultipartForm(contentType: "multipart/form-data; boundary=c", body: body) == nil)
    }
}
