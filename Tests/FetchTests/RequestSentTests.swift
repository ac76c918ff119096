import Testing

@testable import Fetch

/// Whether an error says rightly that nothing went out: on this rests whether a message may be sent again.
@Suite struct RequestSentTests {
    @Test func `a name that can't be resolved sends nothing`() async throws {
        let label = String(repeating: "a", count: 64)
        let error = await failure { () async throws(FetchError) in
            try await client().send(post("http://\(label).invalid/"))
        }
        #expect(error == .couldNotResolve)
        #expect(error?.requestSent == false)
    }

    @Test func `a port where nobody listens is sent nothing`() async throws {
        let server = try await RawServer { _ in [] }
        try await server.stop()
        let error = await failure { () async throws(FetchError) in try await client().send(post(server.url)) }
        #expect(error == .couldNotConnect)
        #expect(error?.requestSent == false)
    }

    @Test func `a handshake that fails sends nothing`() async throws {
        // The bytes of libcurl's hello hold no end of a head, so the server must answer without having been asked.
        let server = try await SpeakingServer(.send("HTTP/1.1 400 Bad Request\r\n\r\n"))
        let error = await failure { () async throws(FetchError) in
            try await client().send(post("https://127.0.0.1:\(server.port)/"))
        }
        guard case .tls(let reason) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(!reason.isEmpty)
        #expect(error?.requestSent == false)
    }

    @Test func `a connection lost in the handshake sends nothing`() async throws {
        for action in [RawAction.close, .reset] {
            let server = try await SpeakingServer(action)
            let error = await failure { () async throws(FetchError) in
                try await client().send(post("https://127.0.0.1:\(server.port)/"))
            }
            #expect(error?.requestSent == false, "\(String(describing: error))")
        }
    }

    @Test func `a handshake without an answer times out with nothing sent`() async throws {
        let server = try await RawServer { _ in [] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(
                post("https://127.0.0.1:\(server.port)/") { $0.connectTimeout = .milliseconds(200) })
        }
        #expect(error == .timedOut(requestSent: false))
    }

    @Test func `a silent server leaves it open`() async throws {
        let server = try await RawServer { _ in [] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(post(server.url) { $0.timeout = .milliseconds(300) })
        }
        #expect(error == .timedOut(requestSent: true))
        #expect(server.requests.count == 1)
    }

    @Test func `a server that never reads leaves it open`() async throws {
        let server = try await SpeakingServer(nil)
        let error = await failure { () async throws(FetchError) in
            try await client().send(
                post("http://127.0.0.1:\(server.port)/", String(repeating: "x", count: 64 << 20)) {
                    $0.timeout = .milliseconds(300)
                })
        }
        #expect(error == .timedOut(requestSent: true))
    }

    @Test(arguments: [
        [RawAction.close], [.reset],
        [.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort"), .close],
        [.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), .close],
        [.send("HTTP/1.1 200 OK\r\nContent-Le"), .reset],
    ])
    func `a connection lost after the request leaves it open`(actions: [RawAction]) async throws {
        let server = try await RawServer { _ in actions }
        let error = await failure { () async throws(FetchError) in try await client().send(post(server.url)) }
        #expect(error == .connectionLost(requestSent: true))
        #expect(server.requests.count == 1)
    }

    @Test func `an answer that is no HTTP leaves it open`() async throws {
        let server = try await RawServer { _ in [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close] }
        let error = await failure { () async throws(FetchError) in try await client().send(post(server.url)) }
        #expect(error?.requestSent == true)
    }

    @Test func `a request that waits for a connection in vain sent nothing`() async throws {
        let server = try await RawServer { _ in [] }
        let client = client(connections: 1)
        let first = Task { await failure { () async throws(FetchError) in try await client.send(post(server.url)) } }
        await server.arrived(1)
        let error = await failure { () async throws(FetchError) in
            try await client.send(post(server.url) { $0.timeout = .milliseconds(200) })
        }
        #expect(error == .timedOut(requestSent: false))
        first.cancel()
        #expect(await first.value == .cancelled)
        #expect(server.requests.count == 1)
    }

    // MARK: Reused connections

    @Test func `connections are used again`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        let client = client()
        for _ in 0..<3 { _ = try await client.send(post(server.url)) }
        #expect(server.requests.map(\.connection) == [1, 1, 1])
    }

    @Test(arguments: [RawAction.close, .reset])
    func `a POST is not sent twice when a reused connection dies`(end: RawAction) async throws {
        let server = try await RawServer { $0.path == "/first" ? [.answer()] : [end] }
        let client = client()
        _ = try await client.send(post("\(server.url)/first"))
        let error = await failure { () async throws(FetchError) in try await client.send(post("\(server.url)/second")) }
        #expect(error == .connectionLost(requestSent: true))
        #expect(server.requests.map(\.path) == ["/first", "/second"])
        #expect(server.requests.map(\.connection) == [1, 1])
    }

    @Test func `a large POST is not sent twice when a reused connection dies after it`() async throws {
        let server = try await RawServer { $0.path == "/first" ? [.answer()] : [.reset] }
        let client = client()
        _ = try await client.send(post("\(server.url)/first"))
        let error = await failure { () async throws(FetchError) in
            try await client.send(post("\(server.url)/second", String(repeating: "x", count: 1 << 20)))
        }
        #expect(error == .connectionLost(requestSent: true))
        #expect(server.requests.count == 2)
    }

    @Test func `a GET is sent again when a reused connection dies`() async throws {
        let server = try await RawServer { $0.connection == 1 && $0.path == "/second" ? [.close] : [.answer()] }
        let client = client()
        _ = try await client.send(get("\(server.url)/first"))
        #expect(try await client.send(get("\(server.url)/second")).status == 200)
        #expect(server.requests.map(\.connection) == [1, 1, 2])
    }

    @Test func `a POST that may be repeated is sent again`() async throws {
        let server = try await RawServer { $0.connection == 1 && $0.path == "/second" ? [.close] : [.answer()] }
        let client = client()
        _ = try await client.send(post("\(server.url)/first"))
        let again = post("\(server.url)/second", "body") { $0.idempotent = true }
        #expect(try await client.send(again).status == 200)
        #expect(server.requests.map(\.text) == ["{}", "body", "body"])
    }

    @Test func `a GET that must not be repeated is not sent again`() async throws {
        let server = try await RawServer { $0.connection == 1 && $0.path == "/second" ? [.close] : [.answer()] }
        let client = client()
        _ = try await client.send(get("\(server.url)/first"))
        let error = await failure { () async throws(FetchError) in
            try await client.send(get("\(server.url)/second") { $0.idempotent = false })
        }
        #expect(error == .connectionLost(requestSent: true))
    }

    @Test func `a connection that ended while idle is not used for a POST`() async throws {
        let server = try await RawServer { $0.connection == 1 ? [.answer(), .close] : [.answer()] }
        let client = client()
        _ = try await client.send(post(server.url))
        await server.ended(1)
        #expect(try await client.send(post(server.url)).status == 200)
        #expect(server.requests.map(\.connection) == [1, 2])
    }

    // MARK: Redirects

    @Test func `a POST whose redirect leads nowhere was sent`() async throws {
        let gone = try await RawServer { _ in [] }
        try await gone.stop()
        let server = try await RawServer { _ in [.redirect(to: gone.url, "307 Temporary Redirect")] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(post(server.url) { $0.redirects = 3 })
        }
        #expect(error == .connectionLost(requestSent: true))
    }

    @Test func `a GET whose redirect leads nowhere says so`() async throws {
        let gone = try await RawServer { _ in [] }
        try await gone.stop()
        let server = try await RawServer { _ in [.redirect(to: gone.url)] }
        let error = await failure { () async throws(FetchError) in
            try await client().send(get(server.url) { $0.redirects = 3 })
        }
        #expect(error == .couldNotConnect)
    }
}
