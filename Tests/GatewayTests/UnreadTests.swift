import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// A room's count of unread messages is that of the messages that are there and unread.
@Suite(.timeLimit(.minutes(5))) struct UnreadTests {
    private static let phone = "15550100001"
    private static let room = RoomName(rawValue: "whatsapp_\(phone)")

    private func run(_ engine: SQLEngine, _ body: @Sendable (Harness) async throws -> Void) async throws {
        try await Harness.run(engine, isServing: false, change: { $0.messageTTLDays = 10 }, body)
    }

    private func unread(_ harness: Harness, _ room: RoomName = Self.room) async throws -> Int64 {
        try await harness.gateway.rooms.find(room).unreadCount
    }

    private func told(_ harness: Harness) async throws -> [RoomName?] {
        try await harness.gateway.events.list(EventFilter(type: .roomUpdated), limit: 100).events
            .filter { $0.json["data"]?["changed"] == ["unreadCount"] }.map(\.room)
    }

    private func text(_ harness: Harness, _ id: String, from phone: String = Self.phone) -> JSON {
        harness.text("Hi", from: phone, id: "wamid.\(id)")
    }

    @Test(arguments: Engines.all)
    func `a purge takes what it removes out of the count, and tells so`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let other = RoomName(rawValue: "whatsapp_15550100002")
            try await harness.store([text(harness, "read")])
            _ = try await harness.gateway.rooms.markRead(Self.room)
            #expect(try await told(harness) == [Self.room])
            try await harness.store([
                text(harness, "old1"), text(harness, "old2"), text(harness, "other", from: "15550100002"),
            ])
            try await harness.store(webhooks: [harness.echo("ours", to: Self.phone, id: "wamid.ours")])
            harness.clock.advance(by: .seconds(10 * 86_400))
            try await harness.store([text(harness, "new")])
            #expect(try await unread(harness) == 3)
            try await harness.gateway.purge.purge()
            #expect(try await unread(harness) == 1)
            #expect(try await unread(harness, other) == 0)
            #expect(Set(try await told(harness)) == [Self.room, other])
            #expect(try await told(harness).count == 3)
            _ = try await harness.gateway.rooms.markRead(Self.room)
            #expect(try await unread(harness) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `an erased message is no longer unread`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([text(harness, "1"), text(harness, "2"), text(harness, "3")])
            try await harness.gateway.erasure.eraseMessage("wamid.2", in: Self.room)
            #expect(try await unread(harness) == 2)
            #expect(try await told(harness) == [Self.room])
            _ = try await harness.gateway.rooms.markRead(Self.room)
            try await harness.gateway.erasure.eraseMessage("wamid.1", in: Self.room)
            #expect(try await unread(harness) == 0)
            #expect(try await told(harness).count == 2)
        }
    }

    @Test(arguments: Engines.all)
    func `an erased customer leaves no event of the room`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store((0..<450).map { text(harness, "\($0)") })
            _ = try await harness.gateway.rooms.change(
                Self.room, RoomChange(assignment: .to("ana"), tags: ["vip"], state: .closed))
            let report = try await harness.gateway.erasure.eraseContact(#require(PhoneNumber(Self.phone)))
            #expect(report.messages == 450 && report.rooms == 1)
            for table in ["events", "rooms", "room_tags", "chat_messages"] {
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM \(table)") == 0, "\(table)")
            }
        }
    }

    @Test(arguments: Engines.all)
    func `what came with the history was never counted and is not taken out either`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let old = harness.clock.now - 86_400_000
            let history: JSON = [
                "metadata": ["phase": 0, "chunk_order": 1, "progress": 100],
                "threads": [
                    [
                        "id": .string(Self.phone),
                        "messages": [
                            [
                                "from": .string(Self.phone), "id": "wamid.history",
                                "timestamp": .string(String(old / 1000)), "type": "text", "text": ["body": "before"],
                                "history_context": ["status": "DELIVERED"],
                            ]
                        ],
                    ]
                ],
            ]
            try await harness.store(webhooks: [Harness.webhook(["history": [history]], field: "history")])
            try await harness.store([text(harness, "1")])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM chat_messages") == 2)
            #expect(try await unread(harness) == 1)
            try await harness.gateway.erasure.eraseMessage("wamid.history", in: Self.room)
            #expect(try await unread(harness) == 1)
            #expect(try await told(harness) == [])
        }
    }
}
