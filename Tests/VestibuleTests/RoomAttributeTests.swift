import Fetch
import JSON
import Testing

/// Whose a room is, its tags and its state, over HTTP.
@Suite(.timeLimit(.minutes(10))) struct RoomAttributeTests {
    private static let room = SocketTests.room
    private static let path = "/rooms/\(room)"

    @Test(arguments: Storage.engines)
    func `a room is changed by what is named, and listeners hear it, also when the customer opens it again`(
        _ storage: Storage
    ) async throws {
        try await SocketTests.run(storage) { site in
            let socket = try SocketClient(site.base, "\(Self.path)/ws")
            let changed = try await site.call(
                "PATCH", Self.path, ["assignee": "ana", "tags": ["vip", "new", "vip"], "state": "closed"])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed.json["assignee"] == "ana" && changed.json["state"] == "closed")
            #expect(changed.json["tags"] == ["vip", "new"])
            #expect(try await site.get(Self.path).json == changed.json)
            let told = await socket.text()
            #expect(told["type"] == "room.updated" && told["room"]?.string == Self.room)
            #expect(told["data"]?["changed"] == ["state", "assignee", "tags"] && told["data"]?["assignee"] == "ana")
            let freed = try await site.call("PATCH", Self.path, ["assignee": .null])
            #expect(freed.json["assignee"] == nil && freed.json["tags"] == ["vip", "new"])
            #expect(await socket.text()["data"]?["changed"] == ["assignee"])
            for (query, isFound) in [
                ("state=closed", true), ("state=open", false), ("tag=new", true), ("tag=ne", false),
                ("assignee=ana", false), ("account=default&tag=vip&state=closed", true), ("account=other", false),
            ] {
                let found = try await site.get("/rooms?\(query)").json["rooms"]?.array?.map { $0["name"]?.string }
                #expect(found == (isFound ? [Self.room] : []), "\(query)")
            }
            let again = Webhooks.text("Again", id: "wamid.second", from: SocketTests.phone)
            #expect(try await site.postWebhook(again).status == 200)
            #expect(await socket.text()["type"] == "message.received")
            let opened = await socket.text()["data"]
            #expect(opened?["state"] == "open" && opened?["reason"] == "message" && opened?["changed"] == ["state"])
            #expect(try await site.get("/rooms?state=open").json["rooms"]?.array?.count == 1)
        }
    }

    @Test func `a change that is none is refused with the field's name`() async throws {
        try await SocketTests.run(.sqlite) { site in
            let before = try await site.get(Self.path).json
            let long = String(repeating: "x", count: 256)
            let cases: [(JSON, String?)] = [
                ([:], nil), (["state": "half"], "state"), (["state": 1], "state"), (["colour": "red"], "colour"),
                (["assignee": ""], "assignee"), (["assignee": .string(long)], "assignee"),
                (["assignee": 7], "assignee"),
                (["assignee": "a\u{0}"], "assignee"), (["tags": "vip"], "tags"), (["tags": [""]], "tags[0]"),
                (["tags": ["a", 1]], "tags[1]"), (["tags": ["a\u{0}"]], "tags"),
                (["tags": [.string(String(repeating: "x", count: 65))]], "tags[0]"),
                (["tags": .array((0..<51).map { .string("\($0)") })], "tags"), (["state": "open", "x": 1], "x"),
            ]
            for (body, field) in cases {
                let answer = try await site.call("PATCH", Self.path, body)
                #expect(answer.status == 400 && answer.errorCode == "BAD_REQUEST", "\(body.text): \(answer.text)")
                if let field { #expect(answer.json["error"]?["data"]?["field"]?.string == field, "\(body.text)") }
            }
            for query in [
                "state=half", "tag=", "tag=%00", "assignee=a%00", "account=%00", "colour=red", "state=open&state=open",
            ] {
                #expect(try await site.get("/rooms?\(query)").status == 400, "\(query)")
            }
            #expect(try await site.call("PATCH", "/rooms/whatsapp_1", ["state": "open"]).status == 404)
            #expect(try await site.get(Self.path).json == before)
        }
    }
}
