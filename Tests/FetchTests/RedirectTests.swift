import Testing

@testable import Fetch

@Suite struct RedirectTests {
    @Test func `a redirect is the answer unless following is asked for`() async throws {
        let server = try await RawServer { _ in [.redirect(to: "/b")] }
        let response = try await client().send(get(server.url))
        #expect(response.status == 302)
        #expect(response.headers.first("location") == "/b")
    }

    @Test func `a redirect is followed to its end`() async throws {
        let server = try await RawServer {
            $0.path == "/a" ? [.redirect(to: "/b", "302 Found", "not this")] : [.answer("200 OK", "B: b\r\n", "this")]
        }
        let response = try await client().send(get("\(server.url)/a") { $0.redirects = 1 })
        #expect(response.status == 200)
        #expect(response.body == Array("this".utf8))
        #expect(response.headers.first("location") == nil)
        #expect(response.finalURL == "\(server.url)/b")
    }

    @Test func `more redirects than allowed are refused`() async throws {
        let server = try await RawServer { _ in [.redirect(to: "/again")] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get(server.url) { $0.redirects = 2 })
        }
        #expect(error == .tooManyRedirects)
        #expect(server.requests.count == 3)
    }

    @Test func `credentials stay with their host`() async throws {
        let other = try await RawServer { _ in [.answer()] }
        let server = try await RawServer {
            $0.path == "/a" ? [.redirect(to: "/b")] : [.redirect(to: "http://localhost:\(other.port)/c")]
        }
        let request = get("\(server.url)/a") {
            $0.redirects = 2
            $0.headers = [("Authorization", "Bearer secret"), ("Cookie", "a=b"), ("X-Kept", "yes")]
        }
        #expect(try await client().send(request).status == 200)
        #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer secret", "Bearer secret"])
        let seen = try #require(other.requests.first)
        #expect(seen.headers["authorization"] == nil)
        #expect(seen.headers["cookie"] == nil)
        #expect(seen.headers["x-kept"] == "yes")
    }

    @Test func `a POST redirected with 307 goes out again with its body`() async throws {
        let server = try await RawServer {
            $0.path == "/a" ? [.redirect(to: "/b", "307 Temporary Redirect")] : [.answer()]
        }
        #expect(try await client().send(post("\(server.url)/a", "hello") { $0.redirects = 1 }).status == 200)
        #expect(server.requests.map(\.text) == ["hello", "hello"])
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/"])
    func `a redirect to another scheme is refused`(target: String) async throws {
        let server = try await RawServer { _ in [.redirect(to: target)] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get(server.url) { $0.redirects = 3 })
        }
        #expect(error == .addressNotAllowed)
    }
}
