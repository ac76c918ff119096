import Foundation
import Testing

@testable import Fetch

@Suite struct DownloadTests {
    @Test func `a download is a private file with its size and digest`() async throws {
        let server = try await RawServer { _ in [.answer("200 OK", "Content-Type: a/b\r\n", "abc")] }
        try await withFolder { folder in
            let path = "\(folder)/a"
            let download = try await client().download(get(server.url), to: path, limit: 3)
            #expect(download.isSuccess)
            #expect(download.status == 200)
            #expect(download.size == 3)
            #expect(hex(download.sha256) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(download.headers.first("content-type") == "a/b")
            #expect(download.errorBody.isEmpty)
            #expect(try Data(contentsOf: URL(filePath: path)) == Data("abc".utf8))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }

    @Test func `a large download arrives whole`() async throws {
        let block = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 8) }
        let server = try await RawServer { _ in
            [.send("HTTP/1.1 200 OK\r\nContent-Length: \(block.count * 200)\r\n\r\n")]
                + Array(repeating: .sendBytes(block), count: 200)
        }
        try await withFolder { folder in
            // The default cap of `send` is far below.
            let download = try await client().download(get(server.url), to: "\(folder)/a", limit: 1 << 30)
            #expect(download.size == 65_536 * 200)
            var expected = Data()
            for _ in 0..<200 { expected.append(contentsOf: block) }
            #expect(try Data(contentsOf: URL(filePath: "\(folder)/a")) == expected)
        }
    }

    @Test func `an empty answer is an empty file`() async throws {
        let server = try await RawServer { _ in [.send("HTTP/1.1 204 No Content\r\n\r\n")] }
        try await withFolder { folder in
            let download = try await client().download(get(server.url), to: "\(folder)/a", limit: 0)
            #expect(download.size == 0)
            #expect(hex(download.sha256) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
        }
    }

    @Test func `a redirect's own body is not in the file`() async throws {
        let server = try await RawServer {
            $0.path == "/a" ? [.redirect(to: "/b", "302 Found", "moved")] : [.answer("200 OK", "", "content")]
        }
        try await withFolder { folder in
            let request = get("\(server.url)/a") { $0.redirects = 1 }
            let download = try await client().download(request, to: "\(folder)/a", limit: 100)
            #expect(download.size == 7)
            #expect(try String(contentsOfFile: "\(folder)/a", encoding: .utf8) == "content")
        }
    }

    @Test func `a file that is there already stays as it is`() async throws {
        let server = try await RawServer { _ in [.answer("200 OK", "", "new")] }
        try await withFolder { folder in
            try Data("old".utf8).write(to: URL(filePath: "\(folder)/a"))
            let error = await failure { () async throws(FetchError) in
                try await client().download(get(server.url), to: "\(folder)/a", limit: 100)
            }
            guard case .fileSystem = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try String(contentsOfFile: "\(folder)/a", encoding: .utf8) == "old")
            #expect(server.connections == 0)
        }
    }

    @Test func `an error's body is told and leaves no file`() async throws {
        let server = try await RawServer { _ in [.answer("404 Not Found", "", "gone")] }
        try await withFolder { folder in
            let download = try await client().download(get(server.url), to: "\(folder)/a", limit: 1)
            #expect(!download.isSuccess)
            #expect(download.status == 404)
            #expect(download.size == 0)
            #expect(download.errorBody == Array("gone".utf8))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func `an error's body without end is cut`() async throws {
        let server = try await RawServer { _ in
            [.send("HTTP/1.1 500 Oh\r\n\r\n"), .endless(String(repeating: "x", count: 5000))]
        }
        try await withFolder { folder in
            let download = try await client().download(get(server.url), to: "\(folder)/a", limit: 1)
            #expect(download.status == 500)
            #expect(download.errorBody.count == 64 << 10)
        }
    }

    @Test(arguments: [
        ([RawAction.send("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n")], FetchError.tooLarge(limit: 1000)),
        (
            [.send("HTTP/1.1 200 OK\r\n\r\n"), .endless(String(repeating: "x", count: 999))],
            .tooLarge(limit: 1000)
        ),
        (
            [.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort"), .close],
            .connectionLost(requestSent: true)
        ),
        ([.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort"), .reset], .connectionLost(requestSent: true)),
        ([.send("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nshort")], .timedOut(requestSent: true)),
    ])
    func `a download that fails leaves no file`(actions: [RawAction], expected: FetchError) async throws {
        let server = try await RawServer { _ in actions }
        try await withFolder { folder in
            let request = get(server.url) {
                $0.timeout = expected == .timedOut(requestSent: true) ? .milliseconds(300) : .seconds(10)
            }
            let error = await failure { () async throws(FetchError) in
                try await client().download(request, to: "\(folder)/a", limit: 1000)
            }
            #expect(error == expected)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test func `a folder that is missing is told`() async throws {
        let server = try await RawServer { _ in [.answer("200 OK", "", "abc")] }
        let error = await failure { () async throws(FetchError) in
            try await client().download(get(server.url), to: "/nowhere/at/all", limit: 1000)
        }
        guard case .fileSystem(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.contains("/nowhere"))
    }
}
