import JSON
import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct RoomAttributeTests {
    private static let phone = "15550100001"
    private static let room = RoomName(rawValue: "whatsapp_\(phone)")

    /// What was told of rooms after they were made: the changed fields and why.
    private func told(_ harness: Harness) async throws -> [String] {
        try await harness.gateway.events.list(EventFilter(type: .roomUpdated), limit: 100).events.map { event in
            let changed = event.json["data"]?["changed"]?.array?.compactMap(\.string) ?? []
            return changed.joined(separator: ",") + (event.json["data"]?["reason"]?.string.map { " by \($0)" } ?? "")
        }
    }

    @Test(arguments: Engines.all)
    func `what a team notes of a room is kept, told once, and told as the room stands`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let rooms = harness.gateway.rooms
            try await harness.store([harness.text("Hi", from: Self.phone, id: "wamid.1")])
            var room = try await rooms.find(Self.room)
            #expect(room.state == .open && room.assignee == nil && room.tags == [])
            let change = RoomChange(assignment: .to("ana"), tags: ["vip", "späti"], state: .closed)
            room = try await rooms.change(Self.room, change)
            #expect(room.state == .closed && room.assignee == "ana" && room.tags == ["vip", "späti"])
            #expect(try await rooms.find(Self.room).json() == room.json())
            // The same again is no change.
            _ = try await rooms.change(Self.room, change)
            room = try await rooms.change(Self.room, RoomChange(assignment: .nobody, tags: ["späti"]))
            #expect(room.state == .closed && room.assignee == nil && room.tags == ["späti"])
            #expect(try await told(harness) == ["state,assignee,tags", "assignee,tags"])
            let events = try await harness.gateway.events.list(EventFilter(type: .roomUpdated), limit: 9).events
            for event in events {
                #expect(event.room == Self.room && event.json["sequence"] == nil)
                #expect(event.json["data"]?["tags"] == ["späti"] && event.json["data"]?["state"] == "closed")
            }
            await #expect(throws: GatewayError.self) {
                try await rooms.change(RoomName(rawValue: "whatsapp_1"), RoomChange(state: .closed))
            }
        }
    }

    @Test(arguments: Engines.all)
    func `the customer's next word opens a closed room; an answer, a status and old messages do not`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let (harness, rooms) = (lab.harness, lab.gateway.rooms)
            _ = try await rooms.change(lab.room, RoomChange(state: .closed))
            let note = Draft(content: .text(body: "note", previewURL: false), isPrivate: true)
            _ = try await lab.gateway.outbound.submit(note, to: .room(lab.room))
            _ = try await lab.submit(lab.text("bye"))
            try await harness.store(webhooks: [
                harness.echo("from the phone", to: SendHarness.customer, id: "wamid.echo"),
                Harness.webhook(["statuses": [harness.status("read", of: "wamid.echo")]]),
                // Known already.
                Harness.webhook(["messages": [harness.text("Hi", from: SendHarness.customer, id: "wamid.first")]]),
            ])
            #expect(try await rooms.find(lab.room).state == .closed)
            try await harness.store([
                harness.text("One more", from: SendHarness.customer, id: "wamid.2"),
                harness.text("thing", from: SendHarness.customer, id: "wamid.3"),
            ])
            #expect(try await rooms.find(lab.room).state == .open)
            #expect(try await told(harness) == ["state", "state by message"])
            let last = try await lab.gateway.events.list(EventFilter(room: lab.room), limit: 100).events.suffix(3)
            #expect(last.map(\.type) == ["message.received", "message.received", "room.updated"])
            #expect(last.last?.json["data"]?["state"] == "open")
        }
    }

    @Test(arguments: Engines.all)
    func `rooms are listed by state, assignee, tag and account, each once through all pages`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let rooms = harness.gateway.rooms
            // Two of each second, so that times alone don't order them.
            for number in 0..<20 {
                let time = harness.clock.now + Int64(number / 2) * 1000
                try await harness.store([
                    harness.text("Hi", from: "155501\(10_000 + number)", id: "wamid.\(number)", at: time)
                ])
            }
            func name(_ number: Int) -> RoomName { RoomName(rawValue: "whatsapp_155501\(10_000 + number)") }
            for number in 0..<20 {
                let change = RoomChange(
                    assignment: number % 4 == 0 ? .to("ana") : nil,
                    tags: number % 5 == 0 ? ["vip", "five"] : ["common"], state: number % 2 == 0 ? .closed : nil)
                _ = try await rooms.change(name(number), change)
            }
            func all(_ filter: RoomFilter, limit: Int = 3) async throws -> [RoomName] {
                var names: [RoomName] = []
                var cursor: String?
                repeat {
                    let page = try await rooms.list(filter, limit: limit, cursor: cursor)
                    names += page.rooms.map(\.name)
                    cursor = page.nextCursor
                } while cursor != nil
                return names
            }
            func expected(_ fits: (Int) -> Bool) -> [RoomName] {
                (0..<20).reversed().filter(fits).map(name)
            }
            for limit in [1, 3, 20, 100] {
                #expect(try await all(RoomFilter(), limit: limit) == expected { _ in true })
            }
            #expect(try await all(RoomFilter(state: .open)) == expected { $0 % 2 == 1 })
            #expect(try await all(RoomFilter(state: .closed)) == expected { $0 % 2 == 0 })
            #expect(try await all(RoomFilter(assignee: "ana")) == expected { $0 % 4 == 0 })
            #expect(try await all(RoomFilter(tag: "vip")) == expected { $0 % 5 == 0 })
            #expect(try await all(RoomFilter(state: .open, tag: "five")) == expected { $0 % 10 == 5 })
            #expect(
                try await all(RoomFilter(account: .default, state: .closed, assignee: "ana", tag: "vip"))
                    == expected { $0 % 20 == 0 })
            for filter in [
                RoomFilter(account: AccountID(rawValue: "other")), RoomFilter(assignee: "an"),
                RoomFilter(tag: "VIP"), RoomFilter(tag: "' OR 1=1 --"),
            ] {
                #expect(try await all(filter) == [])
            }
            _ = try await rooms.change(name(0), RoomChange(tags: []))
            #expect(try await all(RoomFilter(tag: "vip")) == expected { $0 % 5 == 0 && $0 > 0 })
        }
    }
}
