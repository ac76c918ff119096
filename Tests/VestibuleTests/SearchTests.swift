import Fetch
import JSON
import Testing

/// Searching over HTTP, and what it shows of a customer whose messages are erased.
@Suite(.timeLimit(.minutes(10))) struct SearchTests {
    private static let phone = SocketTests.phone
    private static let room = SocketTests.room

    private static func texts(_ answer: FetchResponse) -> [String] {
        answer.json["messages"]?.array?.compactMap { $0["text"]?.string } ?? []
    }

    @Test(arguments: Storage.engines)
    func `what was said is found soon, in all rooms or one, page by page, and not when it is erased`(
        _ storage: Storage
    ) async throws {
        try await SocketTests.run(storage) { site in
            let other = Webhooks.text("Hello from elsewhere", id: "wamid.other", from: "15550100002")
            #expect(try await site.postWebhook(other).status == 200)
            let note: JSON = ["text": "He said hello, späti", "private": true]
            #expect(try await site.call("POST", "/rooms/\(Self.room)/messages", note).status == 202)
            try await eventually("all are found") {
                try await Self.texts(site.get("/search?q=HELLO")).count == 3 ? true : nil
            }
            let inRoom = try await site.get("/search?q=hel&room=\(Self.room)")
            #expect(Set(Self.texts(inRoom)) == ["He said hello, späti", "Hello"])
            #expect(inRoom.json["messages"]?[0]?["roomName"]?.string == Self.room)
            #expect(Self.texts(try await site.get("/search?q=spaeti")) == [])
            #expect(Self.texts(try await site.get("/search?q=SPATI+hello")) == ["He said hello, späti"])
            #expect(Self.texts(try await site.get("/search?q=hello&account=other")) == [])
            var pages: [String] = []
            var cursor: String?
            repeat {
                let page = try await site.get("/search?q=hello&limit=1" + (cursor.map { "&cursor=\($0)" } ?? ""))
                pages += Self.texts(page)
                cursor = page.json["nextCursor"]?.string
            } while cursor != nil
            #expect(pages.count == 3 && Set(pages).count == 3)
            try await eventually("the room is found by a part of its number") {
                try await site.get("/rooms?q=0100001").json["rooms"]?.array?.map(\.["name"]) == [.string(Self.room)]
                    ? true : nil
            }

            #expect(try await site.call("DELETE", "/whatsapp/contacts/\(Self.phone)").status == 200)
            #expect(Self.texts(try await site.get("/search?q=hello")) == ["Hello from elsewhere"])
            #expect(try await site.get("/rooms?q=0100001").json["rooms"] == [])
        }
    }

    @Test func `whatever is asked is words, or is refused with the parameter's name`() async throws {
        try await SocketTests.run(.sqlite) { site in
            for (query, field) in [
                ("", "q"), ("q=", "q"), ("q=%20", "q"), ("q=!%22*", "q"),
                ("q=" + String(repeating: "x", count: 201), "q"),
                ("q=a&limit=0", "limit"), ("q=a&cursor=x", "cursor"), ("q=a&room=%00", "room"), ("q=a%00b", "q"),
                ("q=a&account=", "account"),
                ("q=a&colour=red", "colour"), ("q=a&q=b", "q"),
            ] {
                let answer = try await site.get("/search?\(query)")
                #expect(answer.status == 400 && answer.errorCode == "BAD_REQUEST", "\(query): \(answer.text)")
                #expect(answer.json["error"]?["data"]?["field"]?.string == field, "\(query): \(answer.text)")
            }
            #expect(try await site.get("/rooms?q=!").status == 400)
            for query in [
                "a%20OR%20b", "%22a", "a*", "words:a", "NEAR(a,b)", "(a", "a%27--", "a%5C", "%7Ba%7D", "^a",
                "-a", "a%20AND",
                "a%3C-%3Eb", "a:*%20%26", "%F0%9F%A6%86a",
            ] {
                #expect(try await site.get("/search?q=\(query)").status == 200, "\(query)")
                #expect(try await site.get("/rooms?q=\(query)").status == 200, "\(query)")
            }
        }
    }
}
