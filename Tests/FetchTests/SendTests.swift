import Foundation
import Testing

@testable import Fetch

@Suite struct SendTests {
    @Test func `an answer comes with its status, headers and body`() async throws {
        let server = try await RawServer { _ in
            [.answer("418 I'm a teapot", "X-One:  a \r\nx-one: b\r\nX-Two:\r\n", "tea")]
        }
        let response = try await client().send(get("\(server.url)/pot?size=2"))
        #expect(response.status == 418)
        #expect(response.body == Array("tea".utf8))
        #expect(response.headers.first("x-ONE") == "a")
        #expect(response.headers.all("X-One") == ["a", "b"])
        #expect(response.headers.first("X-Two") == "")
        #expect(response.headers.first("X-Three") == nil)
        #expect(response.finalURL == "\(server.url)/pot?size=2")
        #expect(server.requests.map(\.path) == ["/pot?size=2"])
        #expect(server.requests.first?.headers["user-agent"] == "vestibule-tests")
    }

    @Test func `interim answers and trailers are not taken for the answer's headers`() async throws {
        let server = try await RawServer { _ in
            [
                .send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
                .send(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nA: 1\r\n\r\n2\r\nhi\r\n0\r\nTrailer: t\r\n\r\n"),
            ]
        }
        let response = try await client().send(get(server.url))
        #expect(response.status == 200)
        #expect(response.body == Array("hi".utf8))
        #expect(response.headers.first("A") == "1")
        #expect(response.headers.first("Link") == nil)
        #expect(response.headers.first("Trailer") == nil)
    }

    @Test(arguments: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
    func `bytes are sent as they are, with no header invented`(method: String) async throws {
        let server = try await RawServer { _ in [.answer()] }
        let request = get(server.url) {
            $0.method = method
            $0.body = .bytes([0, 1, 255, 10])
            $0.headers = [("X-Empty", ""), ("Content-Type", "a/b")]
        }
        #expect(try await client().send(request).status == 200)
        let seen = try #require(server.requests.first)
        #expect(seen.method == method)
        #expect(seen.body == [0, 1, 255, 10])
        #expect(seen.headers["content-type"] == "a/b")
        #expect(seen.headers["x-empty"] == "")
        #expect(seen.headers["expect"] == nil)
    }

    @Test(arguments: [
        ("GET", nil), ("DELETE", nil), ("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("HEAD", nil),
    ])
    func `a request without a body announces none, or nothing`(method: String, length: String?) async throws {
        let server = try await RawServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")] }
        #expect(try await client().send(get(server.url) { $0.method = method }).status == 200)
        let seen = try #require(server.requests.first)
        #expect(seen.method == method)
        #expect(seen.headers["content-length"] == length)
        #expect(seen.headers["content-type"] == nil)
    }

    @Test func `an answer to HEAD may announce more than the limit`() async throws {
        let server = try await RawServer { _ in [.send("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")] }
        let response = try await client().send(get(server.url) { $0.method = "HEAD" })
        #expect(response.headers.first("content-length") == "999999999")
    }

    @Test func `a file is sent as the body`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        try await withFolder { folder in
            let content = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Data(content).write(to: URL(filePath: "\(folder)/a"))
            let request = get(server.url) {
                $0.method = "PUT"
                $0.body = .file(path: "\(folder)/a")
            }
            #expect(try await client().send(request).status == 200)
            #expect(server.requests.first?.method == "PUT")
            #expect(server.requests.first?.body == content)
        }
    }

    @Test func `a multipart body holds every part, files included`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        try await withFolder { folder in
            let content = String(repeating: "0123456789abcdef", count: 20_000)
            try Data(content.utf8).write(to: URL(filePath: "\(folder)/a"))
            let request = get(server.url) {
                $0.method = "POST"
                $0.body = .multipart([
                    FetchPart(name: "messaging_product", content: .bytes(Array("whatsapp".utf8))),
                    FetchPart(name: "empty", content: .bytes([])),
                    FetchPart(
                        name: "file", content: .file(path: "\(folder)/a"), fileName: "a \"b\".jpg",
                        contentType: "image/jpeg"),
                ])
            }
            #expect(try await client().send(request).status == 200)
            let seen = try #require(server.requests.first)
            let type = try #require(seen.headers["content-type"])
            let boundary = try #require(type.split(separator: "boundary=").last)
            #expect(type.hasPrefix("multipart/form-data; boundary="))
            let expected = """
                --\(boundary)\r
                Content-Disposition: form-data; name="messaging_product"\r
                \r
                whatsapp\r
                --\(boundary)\r
                Content-Disposition: form-data; name="empty"\r
                \r
                \r
                --\(boundary)\r
                Content-Disposition: form-data; name="file"; filename="a %22b%22.jpg"\r
                Content-Type: image/jpeg\r
                \r
                \(content)\r
                --\(boundary)--\r

                """
            #expect(seen.text == expected)
        }
    }

    @Test func `a body's file that is missing or a folder stops the request before it is sent`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        for path in ["/nowhere/at/all", "/tmp", "/dev/zero"] {
            let request = get(server.url) { $0.body = .multipart([FetchPart(name: "f", content: .file(path: path))]) }
            guard case .fileSystem = await failure({ () async throws(FetchError) in try await client().send(request) })
            else {
                Issue.record("\(path) was sent")
                continue
            }
        }
        #expect(server.connections == 0)
    }

    @Test(arguments: [
        ("X-A", "a\r\nX-B: b"), ("X-A\r\nX-B", "b"), ("X-A", "a\u{0}"), ("X:A", "b"), ("", "b"), ("X A", "b"),
    ])
    func `a header that would break the head is refused`(name: String, value: String) async throws {
        let server = try await RawServer { _ in [.answer()] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get(server.url) { $0.headers = [(name, value)] })
        }
        guard case .other = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(server.connections == 0)
    }

    @Test(arguments: [
        "", "nonsense", "ftp://127.0.0.1/", "file:///etc/passwd", "//127.0.0.1/", "http://", "http://a b/",
        "http://127.0.0.1:99999/", "http://127.0.0.1/\u{0}", "http://127.0.0.1/\r\nX: y", "gopher://127.0.0.1/",
    ])
    func `a URL that is none of ours is refused`(url: String) async throws {
        let error = await failure { () async throws(FetchError) in try await client().send(get(url)) }
        guard case .invalidURL(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
        #expect(!reason.contains("127.0.0.1"))
    }

    @Test(arguments: [
        [RawAction.answer("200 OK", "", String(repeating: "x", count: 1001))],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")],
        [.send("HTTP/1.1 500 Oh\r\n\r\n"), .endless(String(repeating: "x", count: 700))],
        [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), .endless("5\r\n01234\r\n")],
    ])
    func `a body over the limit is refused`(actions: [RawAction]) async throws {
        let server = try await RawServer { _ in actions }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get(server.url) { $0.maxResponseBytes = 1000 })
        }
        #expect(error == .tooLarge(limit: 1000))
    }

    @Test func `a body of exactly the limit is taken`() async throws {
        let server = try await RawServer { _ in [.answer("200 OK", "", String(repeating: "x", count: 1000))] }
        let response = try await client().send(get(server.url) { $0.maxResponseBytes = 1000 })
        #expect(response.body.count == 1000)
    }

    @Test func `headers without end are refused`() async throws {
        let server = try await RawServer { _ in
            [.send("HTTP/1.1 200 OK\r\n"), .endless("X: \(String(repeating: "y", count: 2000))\r\n")]
        }
        let error = await failure { () async throws(FetchError) in try await client().send(get(server.url)) }
        guard case .other = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `many requests at once are all answered`() async throws {
        let server = try await RawServer { [.answer("200 OK", "", $0.path)] }
        let client = client(connections: 8)
        let answers = try await withThrowingTaskGroup(of: (String, String).self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await client.send(get("\(server.url)/\(number)"))
                    return ("/\(number)", String(decoding: response.body, as: UTF8.self))
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(answers.count == 200)
        #expect(answers.allSatisfy { $0.key == $0.value })
        #expect(server.connections <= 8)
    }
}
