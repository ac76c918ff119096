import Gateway
import JSON
import SQL
import Simulator
import Testing
import WhatsApp

@Suite struct OutboundTests {
    @Test(arguments: Engines.all) func `a text is sent and has its wamid`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let message = try await harness.send(harness.text("Hello"))
            #expect(message.status == .sent)
            #expect(message.whatsappMessageID?.hasPrefix("wamid.") == true)
            #expect(message.sequence == 2)
            let sent = try await harness.simulator.sent(to: SendHarness.customer)
            #expect(sent.count == 1)
            #expect(sent[0]["callbackData"]?.string == message.messageID.rawValue)
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `free-form content outside the window is refused, a template passes`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            harness.harness.clock.advance(by: .seconds(24 * 3600))
            let error = await #expect(throws: GatewayError.self) { try await harness.submit(harness.text("late")) }
            #expect(error?.code == .windowClosed)
            #expect(error?.data["closedAt"]?.string == "2026-07-26T17:20:00.000Z")
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 1)
            let template = try OutgoingContent.template(
                from: ["name": "hello_world", "language": ["code": "en_US"]], path: "template")
            #expect(try await harness.send(Draft(content: template)).status == .sent)
        }
    }

    @Test(arguments: Engines.all)
    func `somebody who never wrote can get templates only`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let stranger = try #require(PhoneNumber("+15550100444"))
            let error = await #expect(throws: GatewayError.self) {
                try await harness.gateway.outbound.submit(
                    harness.text("Hi"), to: .phone(stranger, account: .default))
            }
            #expect(error?.code == .windowClosed)
            #expect(error?.data["closedAt"] == nil)
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM rooms") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `an idempotency key gives the same message again, and refuses another`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await harness.submit(harness.text("once"), key: "k1").messageID.rawValue }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            _ = try await harness.gateway.outbound.outcome(
                of: MessageID(rawValue: #require(ids.first)), within: .seconds(60))
            #expect(try await harness.received() == ["once"])
            let error = await #expect(throws: GatewayError.self) {
                try await harness.submit(harness.text("twice"), key: "k1")
            }
            #expect(error?.code == .conflict)
        }
    }

    @Test(arguments: Engines.all)
    func `the order within a room holds through retries`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(
                match: ["messageContains": "first"], action: ["status": 500, "code": 131000], times: 2)
            let first = try await harness.submit(harness.text("first"))
            let others = try await [harness.submit(harness.text("second")), harness.submit(harness.text("third"))]
            #expect(try await harness.advance(first.messageID, to: .sent, by: .seconds(3)).status == .sent)
            for other in others {
                #expect(try await harness.advance(other.messageID, to: .sent, by: .seconds(1)).status == .sent)
            }
            #expect(try await harness.received() == ["first", "second", "third"])
        }
    }

    @Test(arguments: Engines.all)
    func `what does not heal fails after three requests with Meta's words`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(
                match: ["path": "/messages"], action: ["status": 500, "code": 131000], times: -1)
            let id = try await harness.submit(harness.text("never")).messageID
            let message = try await harness.advance(id, to: .failed, by: .seconds(5))
            #expect(message.status == .failed)
            #expect(message.failure?.metaCode == 131000)
            let fault = try #require(try await harness.simulator.faults().first)
            #expect(fault["hits"]?.int == 3)
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE state = 'dead'") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a refusal for good fails at once`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["code": 131026], times: -1)
            let message = try await harness.send(harness.text("no"))
            #expect(message.status == .failed)
            #expect(message.failure?.metaCode == 131026)
            #expect(try await harness.simulator.faults().first?["hits"]?.int == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a refused token pauses the account and the message waits`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["status": 401, "code": 190])
            let id = try await harness.submit(harness.text("wait")).messageID
            let submission = try await harness.gateway.outbound.outcome(of: id, within: .seconds(60))
            #expect(submission.accountPaused)
            #expect(submission.message.status == .pending)
            #expect(
                try await harness.harness.count(
                    "SELECT COUNT(*) AS n FROM tenant_whatsapp_config WHERE status = 'paused'") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a throughput limit spends no attempt`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["code": 130429], times: 5)
            let id = try await harness.submit(harness.text("slow")).messageID
            #expect(try await harness.advance(id, to: .sent, by: .seconds(120)).status == .sent)
        }
    }

    @Test(arguments: Engines.all)
    func `a lost answer leaves the outcome unknown until a status tells`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["reset": "after"])
            let message = try await harness.send(harness.text("lost"))
            #expect(message.status == .unknown)
            #expect(message.whatsappMessageID == nil)
            let sent = try await harness.simulator.sent(to: SendHarness.customer)
            #expect(sent.count == 1, "the message arrived although the answer did not")
            let wamid = try #require(sent[0]["messageId"]?.string)
            var report = try #require(harness.harness.status("delivered", of: wamid).object)
            report["biz_opaque_callback_data"] = .string(message.messageID.rawValue)
            try await harness.harness.receive(statuses: [.object(report)])
            let settled = try await harness.find(message.messageID)
            #expect(settled.status == .delivered)
            #expect(settled.whatsappMessageID == wamid)
            #expect(settled.failure == nil)
        }
    }

    @Test(arguments: Engines.all)
    func `an unknown outcome is reported as failed after the grace time, and nothing is sent again`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["badJSON": true])
            let message = try await harness.send(harness.text("lost"))
            #expect(message.status == .unknown)
            #expect(try await harness.advance(message.messageID, to: .failed, by: .seconds(60)).status == .failed)
            #expect(try await harness.simulator.sent(to: SendHarness.customer).count <= 1)
        }
    }

    @Test(arguments: Engines.all)
    func `with the retry policy an unknown outcome is sent again`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, change: { $0.unknownSendPolicy = .retry }) { harness in
            try await harness.simulator.fault(match: ["path": "/messages"], action: ["reset": "before"])
            let message = try await harness.send(harness.text("again"))
            #expect(message.status == .unknown)
            #expect(try await harness.advance(message.messageID, to: .sent, by: .seconds(60)).status == .sent)
            #expect(try await harness.received() == ["again"])
        }
    }

    @Test(arguments: Engines.all)
    func `a note stays in the room`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let note = Draft(
                content: .text(body: "call back", previewURL: false),
                sender: Draft.Sender(id: "7", name: "Ann", type: "agent"), isPrivate: true)
            _ = try await harness.gateway.outbound.submit(note, to: .room(harness.room))
            let room = try await harness.gateway.messages.inRoom(harness.room, limit: 10)
            #expect(room.map(\.text) == ["Hi", "call back"])
            #expect(room[1].json()["sender"]?["name"]?.string == "Ann")
            #expect(try await harness.harness.history(SendHarness.customer).map(\.text) == ["Hi"])
            #expect(try await harness.received().isEmpty)
            #expect(try await harness.harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a reaction goes out and shows on its target`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let target = try #require(try await harness.harness.history(SendHarness.customer).first)
            let reaction = Draft(content: .reaction(messageID: target.messageID.rawValue, emoji: "👍"))
            #expect(try await harness.send(reaction).status == .sent)
            let history = try await harness.harness.history(SendHarness.customer)
            #expect(history.count == 1)
            #expect(history[0].reactions.map(\.emoji) == ["👍"])
            let sent = try await harness.simulator.sent(to: SendHarness.customer)
            #expect(sent.first?["content"]?["message_id"]?.string == "wamid.first")
        }
    }

    @Test(arguments: Engines.all)
    func `an answer quotes by either id, and by none of another room`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let target = try #require(try await harness.harness.history(SendHarness.customer).first)
            for id in [target.messageID.rawValue, "wamid.first"] {
                var draft = harness.text("quoted")
                draft.replyTo = id
                #expect(try await harness.send(draft).status == .sent)
            }
            let sent = try await harness.simulator.sent(to: SendHarness.customer)
            #expect(sent.map { $0["replyTo"]?.string } == ["wamid.first", "wamid.first"])
            var draft = harness.text("bad")
            draft.replyTo = "nonsense"
            let bad = draft
            let error = await #expect(throws: GatewayError.self) { try await harness.submit(bad) }
            #expect(error?.code == .invalid)
        }
    }

    @Test(arguments: Engines.all)
    func `a room with a thousand unread messages is read in parts`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(
                messages: (1...1003).map { harness.text("Hi", from: "15550100001", id: "wamid.\($0)") })
            let room = try await harness.gateway.rooms.markRead(RoomName(rawValue: "whatsapp_15550100001"))
            #expect(room.unreadCount == 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM chat_messages WHERE status = 'read'") == 1003)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'mark_read'") == 3)
        }
    }

    @Test(arguments: Engines.all)
    func `reading a room marks its messages here and at WhatsApp`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { harness in
            let room = try await harness.gateway.rooms.markRead(harness.room)
            #expect(room.unreadCount == 0)
            #expect(try await harness.harness.history(SendHarness.customer).map(\.status) == [.read])
        }
    }
}
