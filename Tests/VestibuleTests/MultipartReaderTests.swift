import Testing

@testable import Vestibule

struct MultipartReaderTests {
    private struct Part: Equatable {
        var name: String
        var fileName: String?
        var content: [UInt8] = []
    }

    /// What a reader makes of a body that comes in pieces of this size.
    private func parts(_ body: [UInt8], piece: Int, boundary: String = "XyZ") throws -> (parts: [Part], isWhole: Bool) {
        var reader = try #require(MultipartReader(contentType: "multipart/form-data; boundary=\(boundary)"))
        var parts: [Part] = []
        for start in stride(from: 0, to: body.count, by: piece) {
            for event in try reader.take(Array(body[start..<min(body.count, start + piece)])) {
                switch event {
                case .part(let name, let fileName): parts.append(Part(name: name, fileName: fileName))
                case .bytes(let bytes): parts[parts.count - 1].content += bytes
                }
            }
        }
        return (parts, reader.isAtEnd)
    }

    private func head(_ parameters: String) -> String { "Content-Disposition: form-data; \(parameters)\r\n" }

    @Test func `a form is the same in pieces of any size`() throws {
        // Content that looks like a boundary until its last bytes.
        let tricky = Array("\r\n--Xy\r\n--XyQ\r\n\r\n--\r\n".utf8) + [0, 255, 13] + Array("\r\n-".utf8)
        let body =
            Array("a preamble\r\n--XyZ\r\n\(head("name=\"mediaType\""))\r\nimage\r\n--XyZ\r\n".utf8)
            + Array("\(head("name=\"file\"; filename=\"a b.jpg\""))Content-Type: image/jpeg\r\n\r\n".utf8) + tricky
            + Array("\r\n--XyZ\r\n\(head("name=empty"))\r\n\r\n--XyZ--\r\nan epilogue --XyZ".utf8)
        let expected = [
            Part(name: "mediaType", content: Array("image".utf8)),
            Part(name: "file", fileName: "a b.jpg", content: tricky), Part(name: "empty"),
        ]
        for piece in Array(1...70) + [body.count] {
            let outcome = try parts(body, piece: piece)
            #expect(outcome.parts == expected && outcome.isWhole, "pieces of \(piece)")
        }
    }

    @Test func `a body that breaks off has no end`() throws {
        let whole = Array("--XyZ\r\n\(head("name=\"file\""))\r\nbytes\r\n--XyZ--".utf8)
        for length in 0..<whole.count { #expect(try parts(Array(whole[..<length]), piece: 7).isWhole == false) }
        #expect(try parts(whole, piece: 7).isWhole)
    }

    @Test(arguments: [
        ("filename=\"a\\\"b.txt\"", "a\"b.txt"), ("filename=\"a%22b.txt\"", "a\"b.txt"),
        ("filename=plain.txt", "plain.txt"),
        ("filename=\"C:\\dir\\f.txt\"", "C:\\dir\\f.txt"), ("filename=\"häh 🙂.pdf\"", "häh 🙂.pdf"),
        ("filename=\"; name=x\"", "; name=x"),
    ])
    func `file names are read as browsers and programs write them`(_ written: String, _ name: String) throws {
        let body = Array("--XyZ\r\n\(head("name=\"file\"; \(written)"))\r\nx\r\n--XyZ--".utf8)
        #expect(try parts(body, piece: 11).parts.first?.fileName == name)
    }

    @Test(arguments: [
        "--XyZ\r\nContent-Type: text/plain\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--XyZ--",
        "--XyZ\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\nx\r\n--XyZ--", "--XyZxx\r\n\r\n",
        "--XyZ\r\n" + String(repeating: "x", count: 9000),
    ])
    func `what is no form is refused`(_ body: String) {
        #expect(throws: MultipartReader.Malformed.self) { try parts(Array(body.utf8), piece: 100) }
    }

    @Test func `parts are counted`() {
        let part = "--XyZ\r\n\(head("name=\"a\""))\r\nx\r\n"
        let body = Array(String(repeating: part, count: MultipartReader.partLimit + 1).utf8)
        #expect(throws: MultipartReader.Malformed.self) { try parts(body, piece: 1000) }
    }

    @Test(arguments: [
        nil, "", "application/json", "multipart/form-data", "multipart/form-data; boundary=",
        "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=" + String(repeating: "x", count: 71),
    ])
    func `another content type is no form`(_ type: String?) { #expect(MultipartReader(contentType: type) == nil) }

    @Test func `a boundary may be quoted`() throws {
        #expect(MultipartReader(contentType: "Multipart/Form-Data; charset=utf-8; Boundary=\"a b\"") != nil)
    }
}
