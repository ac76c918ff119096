import Foundation
import JSON
import Testing

/// What a connection may do to the server, and what it is answered.
@Suite(.timeLimit(.minutes(3)))
struct ConnectionTests {
    private func exchange(_ site: Site, _ request: String, finishing: Bool = false) throws -> String {
        let connection = try RawConnection(site.base)
        try connection.send(request)
        if finishing { connection.finish() }
        return try connection.answer()
    }

    private func code(_ answer: String) throws -> String? {
        let body = answer.split(separator: "\r\n\r\n", maxSplits: 1).last ?? ""
        return try JSON(parsing: Array(body.utf8))["error"]?["code"]?.string
    }

    @Test func `a head beyond 64 KiB is refused with 431`() async throws {
        try await Site.run { site in
            let long = String(repeating: "a", count: 70_000)
            let many = (1...3000).map { "X-\($0): a\r\n" }.joined()
            for head in [
                "GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", "GET /\(long) HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\n\(many)\r\n",
            ] {
                let answer = try exchange(site, head)
                #expect(answer.hasPrefix("HTTP/1.1 431 "))
                #expect(try code(answer) == "REQUEST_HEADER_FIELDS_TOO_LARGE")
            }
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `what is no HTTP is refused with 400`() async throws {
        try await Site.run { site in
            let webhook = "POST /whatsapp/webhook HTTP/1.1\r\nHost: a\r\n"
            for request in [
                "GARBAGE\r\n\r\n", "\(webhook)Content-Length: -5\r\n\r\n",
                "\(webhook)Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "\(webhook)Transfer-Encoding: chunked\r\n\r\nZZ\r\nabc",
            ] {
                let answer = try exchange(site, request)
                #expect(answer.hasPrefix("HTTP/1.1 400 "))
                #expect(try code(answer) == "BAD_REQUEST")
            }
            #expect(try await site.get("/health").status == 200)
        }
    }

    @Test func `a body that ends too soon is not taken for a whole one`() async throws {
        try await Site.run(environment: ["WHATSAPP_APP_SECRET": ""]) { site in
            let request = "POST /whatsapp/webhook HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{}"
            let answer = try exchange(site, request, finishing: true)
            #expect(!answer.hasPrefix("HTTP/1.1 2"))
            #expect(try await site.stores.count("SELECT COUNT(*) AS n FROM webhook_events") == 0)
        }
    }

    @Test func `a client that waits for it is told to continue, unless its body is too large anyway`() async throws {
        try await Site.run { site in
            let head = "POST /whatsapp/send HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
            let small = try RawConnection(site.base)
            try small.send("\(head)Connection: close\r\nContent-Length: 2\r\n\r\n")
            let go = String(decoding: try small.receive() ?? [], as: UTF8.self)
            #expect(go.hasPrefix("HTTP/1.1 100 "))
            try small.send("{}")
            #expect(try small.answer().hasPrefix("HTTP/1.1 400 "))

            let large = try RawConnection(site.base)
            try large.send("\(head)Content-Length: 99999999\r\n\r\n")
            let refusal = String(decoding: try large.receive() ?? [], as: UTF8.self)
            #expect(refusal.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test func `requests in one packet are answered in order`() async throws {
        try await Site.run { site in
            let answer = try exchange(
                site,
                "GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            let statuses = answer.matches(of: /HTTP\/1\.1 ([0-9]{3})/).map { String($0.1) }
            #expect(statuses == ["200", "404"])
        }
    }

    @Test func `a head that does not come whole within ten seconds is refused with 408`() async throws {
        try await Site.run { site in
            let start = ContinuousClock.now
            let answer = try exchange(site, "GET /hea")
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(try code(answer) == "REQUEST_TIMEOUT")
            #expect((.seconds(9)...(.seconds(40))).contains(ContinuousClock.now - start))
        }
    }
}
