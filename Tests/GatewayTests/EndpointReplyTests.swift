import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// What endpoints answer goes into the room: once, and not without end.
@Suite(.timeLimit(.minutes(20))) struct EndpointReplyTests {
    private static func reply(_ text: String) -> LocalServer.Reply {
        let body: JSON = ["reply": ["text": .string(text)]]
        return LocalServer.Reply(body: body.encoded())
    }

    @Test(arguments: Engines.all)
    func `a reply is sent once, though the gateway died before it noted the delivery`(_ engine: SQLEngine) async throws
    {
        try await EndpointLab.run(engine, isServing: false) { lab in
            let gateway = lab.harness.gateway
            lab.backend.answer { event in Self.reply("to \(event["data"]?["text"]?.string ?? "nothing")") }
            try await lab.write(["Hi"])
            _ = await gateway.dispatch.advance()
            let queue = gateway.jobs.queue
            let handler = try #require(gateway.jobs.handlers[.deliverEvent])
            func work() async throws {
                for job in try await queue.claim() where job.kind == .deliverEvent { _ = try await handler.run(job) }
            }
            // That there is a room; its lane has the message next.
            try await work()
            for job in try await queue.claim() where job.kind == .deliverEvent {
                try await lab.harness.database.transaction { session in
                    _ = try session.execute(
                        "UPDATE jobs SET fence = fence + 1, state = 'open' WHERE job_id = $1", [.text(job.id)])
                }
                _ = try await handler.run(job)
            }
            #expect(try await lab.outgoing() == ["to Hi"])
            #expect(try await lab.jobs() > 0)
            lab.backend.answer { _ in Self.reply("something else") }
            try await work()
            #expect(lab.backend.taken.count { $0.event["type"] == "message.received" } == 2)
            #expect(try await lab.outgoing() == ["to Hi"])

            // Nor when the event is told again days later.
            lab.harness.clock.advance(by: .seconds(3 * 86_400))
            try await gateway.purge.purge()
            _ = try await lab.control.replay(lab.endpoint.id, since: 0)
            while await gateway.dispatch.advance() == .hasMore {}
            for _ in 0..<10 { try await work() }
            #expect(lab.backend.taken.count { $0.event["type"] == "message.received" } == 3)
            #expect(try await lab.outgoing() == ["to Hi"])
        }
    }

    @Test(arguments: Engines.all)
    func `a reply that can't be taken just now is asked for again, less and less often, and in the end no more`(
        _ engine: SQLEngine
    ) async throws {
        let isBack = Flag()
        try await EndpointLab.run(engine) {
            $0.replyDraft = { reply in
                let text = reply["text"]?.string ?? ""
                guard text == "second", isBack.isRaised else {
                    throw GatewayError(.unavailable, "files can't be scanned just now; try again")
                }
                return Draft(content: .text(body: text, previewURL: false))
            }
        } _: { lab in
            lab.backend.answer { event in Self.reply(event["data"]?["text"]?.string ?? "") }
            func tries(_ text: String) -> Int { lab.backend.tries.count { $0.event["data"]?["text"] == .string(text) } }
            // What is away comes back. The endpoint is none that fails.
            try await lab.write(["second"])
            try await lab.harness.pass("it was not asked for again") { tries("second") >= 3 }
            #expect(try await lab.state().health == EndpointHealth())
            isBack.raise()
            try await lab.harness.pass("it was not said") { try await lab.outgoing() == ["second"] }

            try await lab.write(["first"])
            let start = lab.harness.clock.now
            try await lab.harness.pass("it is asked for without end") {
                let isTold = tries("first") > 0
                return try await lab.jobs() == 0 && isTold
            }
            #expect(lab.harness.clock.now - start >= EndpointHealth.patience)
            #expect((10...20).contains(tries("first")))
            let log = try await lab.control.deliveries(lab.endpoint.id, before: nil, limit: 1000).map(\.json)
                .filter { $0["type"] == "message.received" && $0["reply"]?["messageId"] == nil }
            #expect(log.allSatisfy { $0["reply"]?["error"]?.string?.contains("scanned") == true })
            #expect(log.count { $0["outcome"] == "delivered" } == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `an endpoint that answers everything answers customers alone, and not without end`(
        _ engine: SQLEngine
    ) async throws {
        try await EndpointLab.run(engine) { lab in
            lab.backend.answer { _ in Self.reply("Yes?") }
            let texts = (1...Int(EndpointReplies.limit) + 5).map(String.init)
            try await lab.write(texts)
            try await lab.harness.wait("not all were told") {
                lab.backend.taken.count { $0.event["type"] == "message.received" } == texts.count
            }
            try await lab.harness.wait("replies were not told") {
                lab.backend.taken.count { $0.event["type"] == "message.created" } == Int(EndpointReplies.limit)
            }
            #expect(try await lab.outgoing().count == Int(EndpointReplies.limit))
            let replies = try await lab.control.deliveries(lab.endpoint.id, before: nil, limit: 1000)
                .filter { $0.json["type"] == "message.received" }.map { $0.json["reply"] }
            #expect(replies.count { $0?["messageId"] != nil } == Int(EndpointReplies.limit))
            #expect(replies.count { $0?["error"]?.string?.contains("went out in the room") == true } == 5)
        }
    }

    @Test(arguments: Engines.all)
    func `what is erased is told no more, and leaves nothing with the deliveries`(_ engine: SQLEngine) async throws {
        try await EndpointLab.run(engine) { lab in
            let gateway = lab.harness.gateway
            lab.backend.answer(with: 500)
            try await lab.write(["one", "two", "three"])
            try await lab.write(["other"], from: "15550100002")
            try await lab.harness.wait("it was not tried") { try await lab.jobs() == 6 && lab.backend.tries.count >= 2 }
            let room = RoomName(rawValue: "whatsapp_15550100001")
            try await gateway.erasure.eraseMessage("wamid.15550100001.two", in: room)
            lab.backend.answer(with: 200)
            try await lab.settle()
            let told = lab.backend.taken(in: room.rawValue).filter { $0.event["type"] == "message.received" }
            #expect(told.map { $0.event["data"]?["text"] } == ["one", "three"])

            lab.backend.answer(with: 500)
            try await lab.write(["four"])
            try await lab.harness.wait("it was not tried") { try await lab.state().health.failingSince != nil }
            _ = try await gateway.erasure.eraseContact(#require(PhoneNumber("+15550100001")))
            let left = "room_name = '\(room.rawValue)'"
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM webhook_deliveries WHERE \(left)") == 0)
            #expect(try await lab.jobs("lane LIKE '%15550100001%'") == 0)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM webhook_deliveries") > 0)
            lab.backend.answer(with: 200)
            try await lab.write(["another"], from: "15550100002")
            try await lab.settle()
            #expect(!lab.backend.taken.contains { $0.event["data"]?["text"] == "four" })
        }
    }
}
