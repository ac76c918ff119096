import Fetch
import Foundation
import JSON
import Testing

/// What is said over a socket, and what is refused.
@Suite(.timeLimit(.minutes(10)))
struct SocketTests {
    static let phone = "15550100001"
    static let room = "whatsapp_\(phone)"
    private static let key = ("X-API-Key", "some-key-0123456789")

    /// A server with one room.
    static func run(
        _ storage: Storage, environment: [String: String] = [:], _ body: @Sendable (Site) async throws -> Void
    ) async throws {
        try await Site.run(storage, environment: environment) { site in
            #expect(try await site.postWebhook(Webhooks.text("Hello", id: "wamid.first", from: phone)).status == 200)
            try await body(site)
        }
    }

    private static func refusal(_ body: () throws -> SocketClient) throws -> (status: Int, code: String?) {
        do {
            _ = try body()
            return (101, nil)
        } catch let refused as SocketClient.Refused {
            return (refused.status, refused.json["error"]?["code"]?.string)
        }
    }

    @Test(arguments: Storage.engines)
    func `what is said over a socket is acknowledged with the client's id, and told to all`(
        _ storage: Storage
    ) async throws {
        try await Self.run(storage) { site in
            let socket = try SocketClient(site.base, "/rooms/\(Self.room)/ws")
            let other = try SocketClient(site.base, "/ws?account=default")
            try socket.send(["type": "message", "id": "one", "data": ["text": "From nine."]])
            let said = await socket.answer(to: "one")
            #expect(said["type"] == "ack" && said["success"] == true)
            #expect(said["data"]?["message"]?["text"] == "From nine." && said["data"]?["roomName"]?.string == Self.room)
            let id = try #require(said["data"]?["messageId"]?.string)
            while true {
                let event = await other.text()
                try #require(event != .null)
                #expect(event["data"]?["messageId"]?.string == id)
                if event["type"] == "message.delivered" { break }
            }
            try socket.send(["type": "note", "id": "two", "data": ["text": "He is angry."]])
            let noted = await socket.answer(to: "two")
            #expect(noted["data"]?["message"]?["private"] == true)
            // Only what the simulated Meta knows can be typed below.
            _ = try await site.meta.say("Are you there?", from: "+\(Self.phone)")
            try await site.messages(Self.phone, "the question is there") { $0.count == 3 }
            try other.send(["type": "typing", "id": "three", "room": .string(Self.room)])
            #expect(await other.answer(to: "three")["success"] == true)
            try other.send(["type": "read", "id": "four", "room": .string(Self.room)])
            let read = await other.answer(to: "four")
            #expect(read["type"] == "ack" && read["data"]?["unreadCount"]?.int == 0)
            let texts = try await site.messages(Self.phone).map { $0["text"] }
            #expect(texts == ["Hello", "From nine.", "Are you there?"])
            for _ in 0..<2 {
                try socket.send([
                    "type": "message", "id": "five", "idempotencyKey": "order-7", "data": ["text": "Once."],
                ])
                #expect(await socket.answer(to: "five")["data"]?["message"]?["text"] == "Once.")
            }
            #expect(try await site.messages(Self.phone).count == 4)
        }
    }

    @Test func `a socket and a stream of which nothing is heard for more than a minute stay`() async throws {
        try await Self.run(.sqlite) { site in
            let socket = try SocketClient(site.base, "/rooms/\(Self.room)/ws")
            let stream = try StreamClient(site.base, "/rooms/\(Self.room)/events")
            // A connection of HTTP of which nothing is heard is closed after 60 seconds.
            try await Task.sleep(for: .seconds(75))
            #expect(try await site.postWebhook(Webhooks.text("Still?", id: "wamid.2", from: Self.phone)).status == 200)
            #expect(await socket.text()["data"]?["text"] == "Still?")
            var events = stream.events.filter { $0.id != nil }.makeAsyncIterator()
            #expect(await events.next()?.data["data"]?["text"] == "Still?")
        }
    }

    @Test func `what can't be done is said in the form of every error, and the socket goes on`() async throws {
        try await Self.run(.sqlite) { site in
            let socket = try SocketClient(site.base, "/rooms/\(Self.room)/ws")
            let everywhere = try SocketClient(site.base, "/ws")
            let cases: [(SocketClient, String, String)] = [
                (socket, #"{"type":"message","id":"a","data":{}}"#, "BAD_REQUEST"),
                (socket, #"{"type":"message","id":"a","data":{"text":""}}"#, "BAD_REQUEST"),
                (socket, #"{"type":"dance","id":"a"}"#, "BAD_REQUEST"),
                (socket, #"{"type":"read","id":"a","room":"whatsapp_1"}"#, "BAD_REQUEST"),
                (socket, #"{"type":"read","id":"a","more":1}"#, "BAD_REQUEST"),
                (everywhere, #"{"type":"read","id":"a"}"#, "BAD_REQUEST"),
                (everywhere, #"{"type":"read","id":"a","room":"whatsapp_404"}"#, "NOT_FOUND"),
                (everywhere, #"{"type":"read","id":"a","room":"../x"}"#, "NOT_FOUND"),
                (everywhere, #"{"type":"message","id":"a","room":"whatsapp_404","data":{"text":"x"}}"#, "NOT_FOUND"),
            ]
            for (client, text, code) in cases {
                try client.send(Array(text.utf8))
                let answer = await client.answer(to: "a")
                #expect(answer["type"] == "error" && answer["success"] == false, "\(text)")
                #expect(answer["error"]?["code"]?.string == code, "\(text)")
                #expect(
                    answer["error"]?["message"]?.string?.isEmpty == false && answer["error"]?["data"]?.object != nil)
            }
            for text in ["no JSON", "[1]", #""text""#, "{"] {
                try socket.send(Array(text.utf8))
                let answer = await socket.text()
                #expect(answer["type"] == "error" && answer["error"]?["code"] == "BAD_REQUEST", "\(text)")
            }
        }
    }

    @Test func `who has no right, no room or no WebSocket is refused before the upgrade`() async throws {
        try await Self.run(.sqlite, environment: ["API_KEYS": Self.key.1]) { site in
            let path = "/rooms/\(Self.room)/ws"
            let base = site.base
            #expect(try Self.refusal { try SocketClient(base, path) } == (401, "UNAUTHORIZED"))
            #expect(try Self.refusal { try SocketClient(base, "/ws") } == (401, "UNAUTHORIZED"))
            let wrong = [("X-API-Key", "another-key-0123456789")]
            #expect(try Self.refusal { try SocketClient(base, path, headers: wrong) } == (401, "UNAUTHORIZED"))
            #expect(try Self.refusal { try SocketClient(base, path + "?ticket=vt_no") } == (401, "UNAUTHORIZED"))
            #expect(
                try Self.refusal { try SocketClient(base, "/rooms/whatsapp_404/ws", headers: [Self.key]) }
                    == (404, "NOT_FOUND"))
            #expect(
                try Self.refusal { try SocketClient(base, path + "?after=evt_other", headers: [Self.key]) }
                    == (400, "BAD_REQUEST"))
            #expect(
                try Self.refusal { try SocketClient(base, path, headers: [Self.key], version: "8") }
                    == (426, "UPGRADE_REQUIRED"))
            let plain = try await site.get(path, headers: [Self.key])
            #expect(plain.status == 426 && plain.headers.first("Upgrade") == "websocket")
            #expect(try Self.refusal { try SocketClient(base, path, headers: [Self.key]) } == (101, nil))
            // A connection that asked for an upgrade in vain says that it ends with its answer.
            let refused = try RawConnection(base)
            try refused.send(
                "GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
            let answer = try refused.answer().lowercased()
            #expect(answer.hasPrefix("http/1.1 200 ") && answer.contains("connection: close"))
        }
    }

    @Test(arguments: Storage.engines)
    func `a ticket lets in once, to its room, from its site`(_ storage: Storage) async throws {
        try await Self.run(storage, environment: ["API_KEYS": Self.key.1]) { site in
            _ = try await site.postWebhook(Webhooks.text("Hi", id: "wamid.other", from: "15550100002"))
            func ticket(_ body: JSON? = nil) async throws -> String {
                let answer = try await site.call("POST", "/rooms/\(Self.room)/ticket", body, headers: [Self.key])
                #expect(answer.status == 200)
                return try #require(answer.json["ticket"]?.string)
            }
            let base = site.base
            func status(_ path: String, origin: String? = nil) throws -> Int {
                try Self.refusal { try SocketClient(base, path, headers: origin.map { [("Origin", $0)] } ?? []) }.status
            }
            #expect(try await site.call("POST", "/rooms/\(Self.room)/ticket").status == 401)
            let unknown = try await site.call("POST", "/rooms/whatsapp_404/ticket", headers: [Self.key])
            #expect(unknown.status == 404)
            let wrong = try await site.call(
                "POST", "/rooms/\(Self.room)/ticket", ["origin": "chat"], headers: [Self.key])
            #expect(wrong.status == 400)

            let first = try await ticket()
            #expect(try status("/rooms/\(Self.room)/ws?ticket=\(first)", origin: "https://anywhere.example") == 101)
            #expect(try status("/rooms/\(Self.room)/ws?ticket=\(first)") == 401)
            #expect(try status("/rooms/whatsapp_15550100002/ws?ticket=\(try await ticket())") == 401)
            let bound = try await ticket(["origin": "https://chat.example"])
            #expect(try status("/rooms/\(Self.room)/ws?ticket=\(bound)", origin: "https://evil.example") == 401)
            let again = try await ticket(["origin": "https://chat.example"])
            #expect(try status("/rooms/\(Self.room)/ws?ticket=\(again)", origin: "https://chat.example") == 101)
            // Nothing else takes one.
            #expect(try await site.get("/rooms/\(Self.room)?ticket=\(try await ticket())").status == 401)

            let stream = try StreamClient(
                base, "/rooms/\(Self.room)/events?after=0&ticket=\(try await ticket())",
                headers: [("Origin", "https://chat.example")])
            #expect(stream.head.lowercased().contains("access-control-allow-origin: https://chat.example"))
            let stored = try await site.stores.rows("SELECT ticket_hash FROM room_tickets").map {
                try $0.text("ticket_hash")
            }
            #expect(stored.allSatisfy { $0.count == 64 } && stored.count == 1)
        }
    }
}
