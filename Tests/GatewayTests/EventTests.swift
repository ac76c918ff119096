import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct EventTests {
    private func types(_ harness: Harness) async throws -> [String] {
        try await harness.gateway.events.list(limit: 100).events.map(\.type).filter { $0.hasPrefix("integration") }
    }

    @Test(arguments: Engines.all)
    func `a refused token tells that the account is gone, once, and a start that it is back`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let harness = lab.harness
            try await lab.simulator.fault(match: ["path": "/messages"], action: ["status": 401, "code": 190])
            try await harness.store([harness.text("Hi", from: "15550100002", id: "wamid.second")])
            let id = try await lab.submit(lab.text("one")).messageID
            try await Harness.serve(lab.gateway) {
                try await harness.wait("the account is not paused") { try await harness.isPaused() }
            }
            try await lab.gateway.accounts.pause(.default, MessageFailure(reason: "again"))
            let event = try #require(
                try await lab.gateway.events.list(EventFilter(type: .integrationDisconnected), limit: 10).events.first
            ).json
            #expect(event["type"]?.string == "integration.disconnected")
            #expect(event["account"]?.string == "default")
            #expect(event["data"]?["metaCode"]?.int == 190)
            #expect(event["timestamp"]?.int == harness.clock.now)
            #expect(try await types(harness) == ["integration.disconnected"])

            let again = try await Harness.open(harness.settings, harness.clock)
            let outcome: Result<Void, any Error>
            do {
                try await Harness.serve(again) {
                    try await harness.wait("what waited is not sent") { try await lab.find(id).status == .sent }
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await again.close()
            try outcome.get()
            #expect(try await types(harness) == ["integration.disconnected", "integration.connected"])
        }
    }

    @Test(arguments: Engines.all)
    func `a pause that one gateway met is told by every other at once`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let other = try await Harness.open(lab.harness.settings, lab.harness.clock)
            try await other.accounts.pause(.default, MessageFailure(reason: "token"))
            await other.close()
            let submission = try await lab.gateway.outbound.submit(
                lab.text("wait"), to: .room(lab.room), idempotencyKey: nil)
            #expect(submission.accountPaused)
            let outcome = try await lab.gateway.outbound.outcome(of: submission.message.messageID, within: .seconds(60))
            #expect(outcome.accountPaused)
        }
    }

    @Test(arguments: Engines.all)
    func `a start leaves a wait that Meta asked for as it is`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let end = harness.clock.now + 3_600_000
            try await harness.database.transaction { session in
                try AccountDirectory.slow(.default, until: end, session)
            }
            await (try await Harness.open(harness.settings, harness.clock)).close()
            #expect(try await harness.count("SELECT paused_until AS n FROM tenant_whatsapp_config") == end)
        }
    }

    @Test(arguments: Engines.all)
    func `events are read in the order of their commits, page by page, by type and account`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let kinds: [Event.Kind] = [.integrationDisconnected, .integrationConnected]
            try await harness.database.transaction { session in
                for number in 0..<7 {
                    let account = AccountID(rawValue: number < 4 ? "a" : "b")
                    // Clocks differ: times do not tell the order.
                    let time = harness.clock.now - Int64(number) * 1000
                    EventLog.append(
                        [NewEvent(kinds[number % 2], account: account, at: time, data: ["n": .integer(Int64(number))])],
                        session)
                }
            }
            let events = harness.gateway.events
            func numbers(_ page: EventPage) -> [Int64?] { page.events.map { $0.json["data"]?["n"]?.int } }
            var seen: [Int64?] = []
            var page = try await events.list(limit: 3)
            while let cursor = page.nextCursor {
                seen += numbers(page)
                page = try await events.list(after: cursor, limit: 3)
            }
            #expect(seen + numbers(page) == [0, 1, 2, 3, 4, 5, 6])
            #expect(numbers(try await events.list(EventFilter(type: .integrationConnected), limit: 9)) == [1, 3, 5])
            #expect(
                numbers(try await events.list(EventFilter(account: AccountID(rawValue: "b")), limit: 9)) == [4, 5, 6])
            let last = try #require(page.events.last)
            #expect(try await events.list(after: last.id, limit: 9).events.isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `old events are removed, and who has seen them reads on`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            func append() async throws -> Event {
                let event = NewEvent(.integrationConnected, account: .default, at: harness.clock.now, data: [:])
                try await harness.database.transaction { session in EventLog.append([event], session) }
                return try #require(try await harness.gateway.events.list(limit: 9).events.last)
            }
            let old = try await append()
            harness.clock.advance(by: .seconds(31 * 24 * 3600))
            let young = try await append()
            try await harness.gateway.purge.purge()
            #expect(try await harness.gateway.events.list(limit: 9).events.map(\.id) == [young.id])
            #expect(try await harness.gateway.events.list(after: old.id, limit: 9).events.map(\.id) == [young.id])
        }
    }

    @Test(arguments: Engines.all)
    func `an event tells of its message as that is now, and of a message that is gone nothing`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let phone = "15550100001"
            try await harness.store([harness.text("One", from: phone, id: "wamid.1")])
            try await harness.store([harness.text("Two", from: phone, id: "wamid.2")])
            let room = RoomName(rawValue: "whatsapp_\(phone)")
            _ = try await harness.gateway.rooms.markRead(room)
            let all = try await harness.gateway.events.list(EventFilter(room: room), limit: 9).events
            #expect(
                all.map(\.type)
                    == [
                        "room.created", "message.received", "message.received", "message.read", "message.read",
                        "room.updated",
                    ])
            #expect(all.map { $0.json["sequence"]?.int } == [nil, 1, 2, 1, 2, nil])
            #expect(all[0].json["data"] == (try await harness.gateway.rooms.find(room)).json())
            let stored = try await harness.history(phone)
            #expect(all[1].json["data"] == stored[0].json() && stored[0].status == .read)
            try await harness.database.transaction { session in
                for table in ["whatsapp_messages", "chat_messages"] {
                    _ = try session.execute(
                        "DELETE FROM \(table) WHERE message_id = $1", [.text(stored[0].messageID.rawValue)])
                }
            }
            let left = try await harness.gateway.events.list(EventFilter(room: room), limit: 9).events
            #expect(left.map { $0.json["sequence"]?.int } == [nil, 2, 2, nil])
        }
    }

    @Test(arguments: Engines.all)
    func `a cursor of another database is refused`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await harness.store([harness.text("One", from: "15550100001", id: "wamid.1")])
            let events = harness.gateway.events
            let last = try #require(try await events.list(limit: 9).events.last)
            let ahead = last.id.split(separator: "_").dropLast().joined(separator: "_") + "_\(last.position + 1)"
            for id in ["evt_00000000_1", "1", "", last.id + "x"] {
                await #expect(throws: GatewayError.self, "\(id)") { try await events.list(after: id, limit: 9) }
            }
            await #expect(throws: GatewayError.self) { try await events.follow(EventFilter(), after: .event(ahead)) }
        }
    }
}
