import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct SearchTests {
    private static let phone = "15550100001"
    private static let room = RoomName(rawValue: "whatsapp_\(phone)")

    /// A gateway whose index moves when the test says so.
    private func run(_ engine: SQLEngine, _ body: @Sendable (Harness) async throws -> Void) async throws {
        try await Harness.run(engine, isServing: false, change: { $0.messageTTLDays = 10 }, body)
    }

    private func index(_ harness: Harness) async throws {
        let follower = harness.gateway.searchFollower
        while try await harness.database.read({ session in try SearchProgress.find(session)?.hasMore ?? false }) {
            _ = try await follower.step()
        }
    }

    private func texts(
        _ harness: Harness, _ query: String, room: RoomName? = nil, account: AccountID? = nil, limit: Int = 100
    ) async throws -> [String] {
        var texts: [String] = []
        var cursor: String?
        repeat {
            let page = try await harness.gateway.search.find(
                .messages(query), room: room, account: account, limit: limit, cursor: cursor)
            texts += page.messages.map { $0.text ?? $0.caption ?? $0.media.fileName ?? "" }
            cursor = page.nextCursor
        } while cursor != nil
        return texts
    }

    @Test(arguments: Engines.all)
    func `messages are found by all words, the newest first, through pages and in one room`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { harness in
            let said = [
                ("Where is my order?", Self.phone), ("Order 42 came broken", "15550100002"),
                ("The café was closed", Self.phone), ("my orders are late", Self.phone), ("ORDER!", Self.phone),
            ]
            for (number, (text, phone)) in said.enumerated() {
                harness.clock.advance(by: .seconds(1))
                try await harness.store([harness.text(text, from: phone, id: "wamid.\(number)")])
            }
            #expect(try await texts(harness, "order") == [])
            try await index(harness)
            let found = ["ORDER!", "my orders are late", "Order 42 came broken", "Where is my order?"]
            for limit in [1, 2, 3, 4, 100] { #expect(try await texts(harness, "order", limit: limit) == found) }
            #expect(try await texts(harness, "orders") == ["my orders are late"])
            #expect(try await texts(harness, "MY ord") == ["my orders are late", "Where is my order?"])
            #expect(try await texts(harness, "ord my") == [])
            #expect(try await texts(harness, "cafe") == ["The café was closed"])
            #expect(try await texts(harness, "order", room: Self.room).count == 3)
            // WhatsApp's times are whole seconds.
            try await harness.store(
                ["one", "two", "three"].map { harness.text("quick \($0)", from: Self.phone, id: "wamid.\($0)") })
            try await index(harness)
            #expect(try await texts(harness, "quick", limit: 1) == ["quick three", "quick two", "quick one"])
            #expect(try await texts(harness, "order", account: .default).count == 4)
            #expect(try await texts(harness, "order", account: AccountID(rawValue: "other")) == [])
            for query in [
                "order' OR '1'='1", "order\") OR (\"1", "order:*", "order & !x", "\"order*", "NEAR(order)",
                "words:order", "order -- x", "%", "\\",
            ] {
                guard let parsed = try? SearchQuery.messages(query) else { continue }
                _ = try await harness.gateway.search.find(parsed, limit: 10)
            }
            let long = (0..<100).map { String(UnicodeScalar(UInt32(0x4E00 + $0 * 7))!) }.joined(separator: " ")
            for query in [long, long.replacing(" ", with: ""), String(repeating: "\u{FDFA}", count: 200)] {
                #expect(try await texts(harness, query) == [])
            }
            for cursor in ["x", "-1", "+1", "", "99999999999999999999"] {
                await #expect(throws: GatewayError.self, "\(cursor)") {
                    try await harness.gateway.search.find(.messages("order"), limit: 1, cursor: cursor)
                }
            }
        }
    }

    @Test(arguments: Engines.all)
    func `notes, answers, captions and file names are found; edits and deletions are followed`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let harness = lab.harness
            let note = Draft(content: .text(body: "a secret note", previewURL: false), isPrivate: true)
            _ = try await lab.gateway.outbound.submit(note, to: .room(lab.room))
            _ = try await lab.submit(lab.text("an answer of ours"))
            let file: JSON = [
                "from": .string(SendHarness.customer), "id": "wamid.file",
                "timestamp": .string("\(harness.clock.now / 1000)"),
                "type": "document", "document": ["id": "1", "caption": "the invoice", "filename": "rechnung-07.pdf"],
            ]
            try await harness.store([file, harness.text("first words", from: SendHarness.customer, id: "wamid.edited")])
            try await index(harness)
            for (query, count) in [("secret", 1), ("answer", 1), ("invoice", 1), ("rechnung", 1), ("first", 1)] {
                #expect(try await texts(harness, query).count == count, "\(query)")
            }
            func change(_ id: String, _ type: String, _ content: JSON) -> JSON {
                [
                    "from": .string(SendHarness.customer), "id": .string(id),
                    "timestamp": .string("\(harness.clock.now / 1000)"),
                    "type": .string(type), type: content,
                ]
            }
            try await harness.store([
                change(
                    "wamid.e", "edit",
                    [
                        "original_message_id": "wamid.edited",
                        "message": ["type": "text", "text": ["body": "second thoughts"]],
                    ]),
                change("wamid.r", "revoke", ["original_message_id": "wamid.file"]),
            ])
            // Deleted is deleted, whatever the index knows.
            #expect(try await texts(harness, "invoice") == [])
            try await index(harness)
            for (query, count) in [("first", 0), ("second", 1), ("invoice", 0), ("secret", 1)] {
                #expect(try await texts(harness, query).count == count, "\(query)")
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 4)
        }
    }

    @Test(arguments: Engines.all)
    func `what is purged or erased is in no index`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([harness.text("an old word", from: Self.phone, id: "wamid.old")])
            harness.clock.advance(by: .seconds(10 * 86_400))
            try await harness.store([
                harness.text("a new word", from: Self.phone, id: "wamid.new"),
                harness.text("another word", from: Self.phone, id: "wamid.other"),
                harness.text("word of somebody else", from: "15550100002", id: "wamid.else"),
            ])
            try await index(harness)
            #expect(try await texts(harness, "word").count == 4)
            try await harness.gateway.purge.purge()
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 3)
            try await harness.gateway.erasure.eraseMessage("wamid.new", in: Self.room)
            #expect(try await Set(texts(harness, "word")) == ["word of somebody else", "another word"])
            _ = try await harness.gateway.erasure.eraseContact(#require(PhoneNumber(Self.phone)))
            try await index(harness)
            #expect(try await texts(harness, "word") == ["word of somebody else"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_rooms") == 1)
            if engine == .sqlite {
                // Fails where the words and their table differ.
                try await harness.database.transaction { session in
                    for table in ["search_message_words", "search_room_words"] {
                        try session.execute("INSERT INTO \(table) (\(table)) VALUES ('integrity-check')")
                    }
                }
                let left = try await harness.count(
                    "SELECT COUNT(*) AS n FROM search_message_words WHERE search_message_words MATCH 'another'")
                #expect(left == 0)
            }
        }
    }

    @Test(arguments: Engines.all)
    func `what was there before the index is brought in, page by page`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            for batch in 0..<3 {
                harness.clock.advance(by: .seconds(1))
                try await harness.store(
                    (0..<400).map {
                        harness.text("old \(batch) \($0)", from: "155501\(10_000 + $0)", id: "wamid.\(batch).\($0)")
                    })
            }
            // As a migration finds it: events come after, and none tells of what was there.
            try await harness.database.transaction { session in
                try session.execute("DELETE FROM events")
                try session.execute(
                    "UPDATE search_progress SET position = (SELECT position FROM event_counter WHERE name = 'events')")
            }
            try await harness.store([harness.text("new 1", from: Self.phone, id: "wamid.new")])
            try await index(harness)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 1201)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_rooms") == 401)
            #expect(try await texts(harness, "old 2 399") == ["old 2 399"])
            #expect(try await texts(harness, "old 0", limit: 70).count == 402)
            let rooms = try await harness.gateway.rooms.list(RoomFilter(query: .rooms("1013")), limit: 100)
            #expect(rooms.rooms.count == 10)
        }
    }

    @Test(arguments: Engines.all)
    func `rare words and frequent ones are found alike, in the newest messages and in those before them`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { harness in
            let start = harness.clock.now
            // More than are looked at one by one.
            for batch in 0..<6 {
                harness.clock.advance(by: .seconds(1))
                try await harness.store(
                    (0..<500).map { number in
                        let place = batch * 500 + number
                        let rare = place % 1000 == 7 ? " rareword" : ""
                        let early = place < 600 ? " early" : ""
                        return harness.text(
                            "common \(place)\(rare)\(early)", from: "1555010100\(place % 5)", id: "wamid.\(place)",
                            at: start + Int64(place) * 1000)
                    })
            }
            try await index(harness)
            #expect(try await texts(harness, "common", limit: 1000).count == 3000)
            let common = try await texts(harness, "common", limit: 450)
            #expect(
                common
                    == (0..<3000).reversed().map { place in
                        "common \(place)\(place % 1000 == 7 ? " rareword" : "")\(place < 600 ? " early" : "")"
                    })
            #expect(
                try await texts(harness, "rareword", limit: 2) == [
                    "common 2007 rareword", "common 1007 rareword", "common 7 rareword early",
                ])
            #expect(try await texts(harness, "early common", limit: 7).count == 600)
            let room = RoomName(rawValue: "whatsapp_15550101002")
            #expect(try await texts(harness, "early", room: room, limit: 50).count == 120)
            #expect(try await texts(harness, "rareword", room: room).count == 3)
            #expect(try await texts(harness, "nothing") == [])
        }
    }

    @Test(arguments: Engines.all)
    func `rooms are found by name, number and tags, as these are now`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            func store(_ text: String, _ phone: String, _ name: String, _ id: String) async throws {
                try await harness.store(webhooks: [
                    Harness.webhook([
                        "contacts": [["wa_id": .string(phone), "profile": ["name": .string(name)]]],
                        "messages": [harness.text(text, from: phone, id: id)],
                    ])
                ])
            }
            try await store("Hi", Self.phone, "Ana Líma", "wamid.1")
            harness.clock.advance(by: .seconds(1))
            try await store("Hi", "491701234567", "Anton Berg", "wamid.2")
            _ = try await harness.gateway.rooms.change(Self.room, RoomChange(tags: ["VIP customer"], state: .closed))
            try await index(harness)
            let other = RoomName(rawValue: "whatsapp_491701234567")
            func found(_ text: String, state: RoomState? = nil) async throws -> [RoomName] {
                try await harness.gateway.rooms.list(RoomFilter(state: state, query: .rooms(text)), limit: 10)
                    .rooms.map(\.name)
            }
            #expect(try await found("an") == [other, Self.room])
            #expect(try await found("lima ana") == [Self.room])
            #expect(try await found("0100001") == [Self.room])
            #expect(try await found("+49 170 1234") == [other])
            #expect(try await found("34567") == [other])
            #expect(try await found("vip") == [Self.room])
            #expect(try await found("an", state: .closed) == [Self.room])
            #expect(try await found("nobody") == [])
            harness.clock.advance(by: .seconds(60))
            try await store("Hi again", Self.phone, "Bea Líma", "wamid.3")
            _ = try await harness.gateway.rooms.change(Self.room, RoomChange(tags: []))
            try await index(harness)
            #expect(try await found("ana") == [])
            #expect(try await found("vip") == [])
            #expect(try await found("bea") == [Self.room])
        }
    }

    @Test(arguments: Engines.all)
    func `rooms of a frequent name and of a rare one are found through all pages`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            func phone(_ number: Int) -> String { "155502\(10_000 + number)" }
            func name(_ number: Int) -> String { number % 300 == 11 ? "Rare Person" : "Frequent Person" }
            // More than are looked at one by one.
            for batch in 0..<4 {
                let numbers = batch * 300..<batch * 300 + 300
                harness.clock.advance(by: .seconds(1))
                try await harness.store(webhooks: [
                    Harness.webhook([
                        "contacts": .array(
                            numbers.map {
                                ["wa_id": .string(phone($0)), "profile": ["name": .string(name($0))]]
                            }),
                        "messages": .array(
                            numbers.map { harness.text("Hi", from: phone($0), id: "wamid.\($0)") }),
                    ])
                ])
            }
            let closed = RoomName(rawValue: "whatsapp_\(phone(11))")
            _ = try await harness.gateway.rooms.change(closed, RoomChange(tags: ["a"], state: .closed))
            try await index(harness)
            func found(_ filter: RoomFilter, limit: Int) async throws -> [RoomName] {
                var names: [RoomName] = []
                var cursor: String?
                repeat {
                    let page = try await harness.gateway.rooms.list(filter, limit: limit, cursor: cursor)
                    names += page.rooms.map(\.name)
                    cursor = page.nextCursor
                } while cursor != nil
                return names
            }
            let all = try await found(RoomFilter(), limit: 1000)
            #expect(all.count == 1200)
            #expect(try await found(RoomFilter(query: .rooms("person")), limit: 130) == all)
            let rare = try await found(RoomFilter(query: .rooms("RARE")), limit: 3)
            #expect(rare.count == 4 && rare.last == closed)
            #expect(try await found(RoomFilter(query: .rooms("rare")), limit: 100) == rare)
            #expect(try await found(RoomFilter(state: .open, query: .rooms("rare")), limit: 2) == rare.dropLast())
            #expect(try await found(RoomFilter(state: .closed, query: .rooms("person")), limit: 2) == [closed])
            #expect(try await found(RoomFilter(tag: "a", query: .rooms("a rare")), limit: 2) == [closed])
            #expect(
                try await found(RoomFilter(account: .default, assignee: "x", query: .rooms("rare")), limit: 2) == [])
        }
    }

    @Test(arguments: Engines.all)
    func `two gateways index one after the other, each thing once`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let second = try await Harness.open(harness.settings, harness.clock)
            let outcome: Result<Void, any Error>
            do {
                try await Harness.serve(second) {
                    for number in 0..<40 {
                        try await harness.receive(messages: [
                            harness.text("word \(number)", from: "155501\(10_000 + number % 7)", id: "wamid.\(number)")
                        ])
                    }
                    try await harness.wait("not all are found") { try await texts(harness, "word").count == 40 }
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await second.close()
            try outcome.get()
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 40)
        }
    }
}
