import Fetch
import Foundation
import JSON
import Testing

@testable import LiveKit

@Suite(.timeLimit(.minutes(5))) struct ServerErrorTests {
    private let method = "RoomService/ListParticipants"

    @Test func `nobody in the room is said as such, without asking again`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        _ = try await rooms.create("empty", RoomConfiguration())
        for room in ["empty", "none"] {
            #expect(
                await failure { () async throws(ServerError) in try await rooms.sendData([1], topic: "t", to: room) }
                    == .nobodyInRoom)
        }
        #expect(try await server.calls().filter { $0["method"] == "RoomService/SendData" }.count == 2)
    }

    @Test func `a token that LiveKit refuses is an error that doesn't show it`() async throws {
        let server = try await TestServer.started()
        for (rooms, words) in [
            (server.rooms(at: milliseconds() - 3_600_000), "expired"),
            (
                RoomService(
                    fetch: server.fetch, url: server.url,
                    key: APIKey(id: server.key.id, secret: "not the secret of this server, but as long"),
                    timing: .patient, now: milliseconds), "Signature verification failed"
            ),
            (
                RoomService(
                    fetch: server.fetch, url: server.url, key: APIKey(id: "APIunknown", secret: server.secret),
                    timing: .patient, now: milliseconds), "invalid API key"
            ),
        ] {
            let error = try #require(await failure { () async throws(ServerError) in try await rooms.rooms() })
            guard case .unauthenticated(let said) = error else {
                Issue.record("\(error)")
                continue
            }
            #expect(said.contains(words))
            #expect(!"\(error) \(error.summary)".contains("eyJ"))
            #expect(!error.isTransient)
        }
    }

    @Test(arguments: [
        (
            "invalid token: eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJBUEkifQ.c2lnbmF0dXJl, error: x",
            "invalid token: <redacted>, error: x"
        ),
        ("no\r\nlog\u{1b}[1m line", "no  log [1m line"),
        (String(repeating: "long ", count: 100), String(String(repeating: "long ", count: 40))),
    ])
    func `the server's words are kept short, on one line and without anything like a token`(
        words: String, kept: String
    ) {
        #expect(TwirpReply.redacted(words) == kept)
    }

    @Test func `what LiveKit will never accept is not tried again`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        var configuration = RoomConfiguration()
        configuration.metadata = String(repeating: "m", count: 64_001)
        let error = await failure { () async throws(ServerError) in try await rooms.create("r", configuration) }
        #expect(error == .refused(code: "invalid_argument", "metadata size exceeds limits"))
        #expect(try await server.calls().count == 1)
    }

    @Test(arguments: [500, 502, 503, 504, 429])
    func `a server that can't at the moment is asked again, three times in all`(status: Int64) async throws {
        let server = try await TestServer.started()
        let page: JSONObject = ["status": .integer(status), "type": "text/html", "body": "<h1>later</h1>"]
        try await server.answer(method, page)
        try await server.answer(method, page)
        #expect(try await server.rooms().participants(in: "r") == [])
        #expect(try await server.calls().count == 3)

        for _ in 1...4 { try await server.answer(method, page) }
        let error = await failure { () async throws(ServerError) in try await server.rooms().participants(in: "r") }
        #expect(error == .unavailable(status: Int(status), "<h1>later</h1>"))
        #expect(try await server.calls().count == 6)
    }

    @Test(arguments: [
        (200 as Int64, "[]"), (200, ""), (200, #"{"participants":{}}"#), (302, ""), (404, "no such page"),
    ])
    func `an answer that is none of LiveKit's is unexpected, and not asked for again`(
        status: Int64, body: String
    ) async throws {
        let server = try await TestServer.started()
        try await server.answer(method, ["status": .integer(status), "body": .string(body)])
        let error = await failure { () async throws(ServerError) in try await server.rooms().participants(in: "r") }
        guard case .unexpected(status: Int(status), _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(try await server.calls().count == 1)
    }

    @Test func `a lost answer is asked for again, and what was done is not done twice`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        try await server.control("join", ["room": "r", "identity": "alice"])
        try await server.answer("RoomService/SendData", ["done": true])
        try await rooms.sendData([1], topic: "t", to: "r")
        #expect(try await server.control("packets", ["room": "r"])["packets"]?.array?.count == 1)

        for name in ["RoomService/RemoveParticipant", "RoomService/DeleteRoom"] {
            try await server.answer(name, ["done": true])
        }
        try await rooms.remove("alice", from: "r")
        try await rooms.delete("r")
        #expect(try await rooms.rooms() == [])
    }

    @Test func `an agent whose dispatch may have gone out is not sent for again`() async throws {
        let server = try await TestServer.started()
        let name = "AgentDispatchService/CreateDispatch"
        for answer in [["done": true], ["status": 503, "body": "later"]] as [JSONObject] {
            try await server.answer(name, answer)
            let error = try #require(
                await failure { () async throws(ServerError) in
                    try await server.dispatches().create(AgentRequest(name: "helper"), in: "r")
                })
            #expect(error.isTransient)
        }
        #expect(try await server.calls().count == 2)
    }

    @Test func `a server that doesn't answer is given up in time`() async throws {
        let server = try await TestServer.started()
        var timing = ServerTiming()
        timing.request = .milliseconds(200)
        timing.total = .seconds(60)
        timing.firstPause = .milliseconds(1)
        try await server.answer(method, ["delay": 120, "times": 3])
        let error = await failure { [timing] () async throws(ServerError) in
            try await server.rooms(timing: timing).participants(in: "r")
        }
        guard case .unreachable(.timedOut) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `the attempts together keep within their time`() async throws {
        let server = try await TestServer.started()
        var timing = ServerTiming.patient
        timing.total = .seconds(2)
        timing.attempts = 1000
        try await server.answer("RoomService/ListParticipants", ["status": 503, "times": 1000])
        let error = await failure { [timing] () async throws(ServerError) in
            try await server.rooms(timing: timing).participants(in: "r")
        }
        #expect(error?.isTransient == true)
        // Each pause is twice the one before.
        #expect(try await server.calls().count < 20)
    }

    @Test func `a server that isn't there is unreachable`() async throws {
        // Nothing listens on port 1 of the loopback address.
        let server = try await TestServer.started()
        let rooms = RoomService(
            fetch: server.fetch, url: try #require(ServerURL("ws://127.0.0.1:1")), key: server.key,
            timing: .patient, now: milliseconds)
        let error = try #require(await failure { () async throws(ServerError) in try await rooms.rooms() })
        #expect(error == .unreachable(.couldNotConnect))
        #expect(error.isTransient)
    }
}
