import JSON
import SQL
import Simulator
import Testing
import WhatsApp

@testable import Gateway

/// The gateway stops, or is gone from one moment to the next, and another takes its place over the same database.
@Suite(.timeLimit(.minutes(10))) struct RestartTests {
    @Test(arguments: Engines.all)
    func `what was said before a restart is there after it, and the rooms go on`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            try await Harness.serve(lab.gateway) { () async throws in
                #expect(try await lab.send(lab.text("before")).status == .sent)
            }
            try await lab.harness.again { gateway in
                let webhook = Harness.webhook([
                    "messages": [
                        lab.harness.text("after", from: SendHarness.customer, id: "wamid.after"),
                        lab.harness.text("Hi", from: SendHarness.customer, id: "wamid.first"),
                    ]
                ])
                try await gateway.ingest.accept(webhook.encoded())
                let room = try await gateway.messages.inRoom(lab.room, limit: 10)
                #expect(room.map(\.text) == ["Hi", "before", "after"])
                #expect(room.map(\.sequence) == [1, 2, 3])
            }
        }
    }

    @Test(arguments: Engines.all)
    func `what was queued before a restart is sent after it, once and in order`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            var last: Message?
            for text in ["1", "2", "3"] { last = try await lab.submit(lab.text(text)) }
            let id = try #require(last).messageID
            try await lab.harness.again { gateway in
                try await lab.harness.wait("the queue is not worked off") { try await lab.find(id).status == .sent }
            }
            #expect(try await lab.received() == ["1", "2", "3"])
        }
    }

    @Test(arguments: Engines.all)
    func `a send that was on its way when its gateway vanished is unknown and never sent again`(
        _ engine: SQLEngine
    ) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let id = try await lab.submit(lab.text("lost")).messageID
            let queue = lab.gateway.jobs.queue
            let job = try #require(try await queue.claim(1).first)
            #expect(try await queue.markInFlight(job))
            lab.harness.clock.advance(by: .seconds(16))
            try await lab.harness.again { gateway in
                try await lab.harness.wait("nobody settles it") { try await lab.find(id).status != .pending }
                #expect(try await lab.find(id).status == .unknown)
                let next = try await lab.submit(lab.text("next")).messageID
                try await lab.harness.wait("the lane is stuck") { try await lab.find(next).status == .sent }
                try await lab.harness.pass("the grace time has no end") { try await lab.find(id).status != .unknown }
                #expect(try await lab.find(id).status == .failed)
            }
            #expect(try await lab.received() == ["next"])
        }
    }

    @Test(arguments: Engines.all)
    func `a send claimed but not begun when its gateway vanished is sent by another`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let id = try await lab.submit(lab.text("late")).messageID
            _ = try #require(try await lab.gateway.jobs.queue.claim(1).first)
            lab.harness.clock.advance(by: .seconds(16))
            try await lab.harness.again { gateway in
                try await lab.harness.wait("nobody sends it") { try await lab.find(id).status == .sent }
            }
            #expect(try await lab.received() == ["late"])
        }
    }

    @Test(arguments: Engines.all)
    func `a stop waits for the answer to a send that is on its way`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            try await lab.simulator.fault(match: ["path": "/messages"], action: ["delayMs": 700])
            let id = try await lab.submit(lab.text("slow")).messageID
            try await Harness.serve(lab.gateway) {
                try await lab.harness.wait("the send does not begin") {
                    try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE in_flight") == 1
                }
            }
            #expect(try await lab.find(id).status == .sent)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `two gateways over one database send each message once`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            try await lab.harness.store(
                (0..<6).map { lab.harness.text("Hi", from: "1555010020\($0)", id: "wamid.hi.\($0)") })
            try await Harness.serve(lab.gateway) {
                try await lab.harness.again { other in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<6 {
                            group.addTask {
                                let room = RoomName(rawValue: "whatsapp_1555010020\(number)")
                                for text in ["a", "b", "c", "d"] {
                                    let gateway = text < "c" ? lab.gateway : other
                                    _ = try await gateway.outbound.submit(lab.text(text), to: .room(room))
                                }
                            }
                        }
                        try await group.waitForAll()
                    }
                    try await lab.harness.wait("messages are left over") {
                        try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs") == 0
                    }
                }
            }
            for number in 0..<6 {
                let sent = try await lab.simulator.sent(to: "1555010020\(number)")
                #expect(sent.map { $0["text"]?.string } == ["a", "b", "c", "d"])
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a pair's burst is forty-five messages, then one in six seconds`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine) { lab in
            var ids: [MessageID] = []
            for number in 0..<47 { ids.append(try await lab.submit(lab.text("\(number)")).messageID) }
            try await lab.harness.wait("the burst is not sent") {
                try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE pauses = 1") == 1
            }
            #expect(try await lab.received().count == 45)
            #expect(try await lab.find(ids[44]).status == .sent)
            #expect(try await lab.find(ids[45]).status == .pending)
            let start = lab.harness.clock.now
            try await lab.harness.pass("the rest is not sent") { try await lab.find(ids[46]).status == .sent }
            #expect(try await lab.received() == (0..<47).map { "\($0)" })
            #expect(lab.harness.clock.now - start >= 12_000)
        }
    }

    @Test(arguments: Engines.all)
    func `a start says that the account is in order again, and what waited is sent`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            try await lab.simulator.fault(match: ["path": "/messages"], action: ["status": 401, "code": 190])
            let id = try await lab.submit(lab.text("patient")).messageID
            try await Harness.serve(lab.gateway) { () async throws in
                #expect(try await lab.gateway.outbound.outcome(of: id, within: .seconds(60)).accountPaused)
            }
            try await lab.harness.again { gateway in
                try await lab.harness.wait("it is not sent") { try await lab.find(id).status == .sent }
            }
            #expect(try await lab.received() == ["patient"])
        }
    }
}
