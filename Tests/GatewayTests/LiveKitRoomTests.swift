import JSON
import LiveKit
import LiveKitStandIn
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct LiveKitRoomTests {
    private typealias Lab = LiveKitLab

    private func follower(_ harness: Harness) -> LiveKitFollower {
        LiveKitFollower(
            database: harness.database, clock: Clock { harness.clock.now }, logger: Engines.logger, wake: {},
            signal: Signal())
    }

    @Test(arguments: Engines.all)
    func `the first message makes the room with its metadata and its agent, the next ones nothing more`(
        _ engine: SQLEngine
    ) async throws {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            let made = try await lab.server.calls("RoomService/CreateRoom")
            #expect(made.count == 1)
            #expect(made.first?["body"]?["agents"] == [["agentName": "helper"]])
            let room = try await lab.server.control("room", ["name": .string(Lab.room)])
            let metadata = try JSON(parsing: #require(room["metadata"]?.string).utf8)
            #expect(
                metadata == [
                    "title": "WhatsApp: +15550100001", "channel": "Customer", "department": "Customer Service",
                    "private": true, "phone": "+15550100001",
                ])
            try await lab.joined("agent")
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.write("Anybody there?", id: "wamid.2")
            try await lab.settled()
            #expect(try await lab.count("RoomService/CreateRoom") == 1)
            #expect(try await lab.count("AgentDispatchService/CreateDispatch") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `a room that LiveKit forgot is made again when the customer goes on`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            try await lab.joined("agent")
            try await lab.server.control("restart")
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.write("Hello?", id: "wamid.2")
            try await lab.settled()
            #expect(try await lab.count("RoomService/CreateRoom") == 2)
            try await lab.joined("agent")
        }
    }

    @Test(arguments: Engines.all)
    func
        `an erased customer's room is deleted in LiveKit as soon as that is there, once, and who writes again has a new one`(
            _ engine: SQLEngine
        ) async throws
    {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            try await lab.joined("agent")
            try await lab.server.answer("RoomService/DeleteRoom", ["times": 2, "status": 503])
            _ = try await lab.gateway.erasure.eraseContact(#require(PhoneNumber(Lab.customer)))
            try await lab.harness.wait("LiveKit is not asked") { try await lab.count("RoomService/DeleteRoom") > 0 }
            try await lab.write("It's me again", id: "wamid.2")
            try await lab.harness.pass("LiveKit is not told") {
                let made = try await lab.count("RoomService/CreateRoom")
                let jobs = try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit'")
                return made == 2 && jobs == 0
            }
            try await lab.settled()
            try await lab.joined("agent")
            #expect(try await lab.count("RoomService/DeleteRoom") == 3)
            #expect(try await lab.count("RoomService/CreateRoom") == 2)

            // One that LiveKit has forgotten by itself is gone, too.
            try await lab.server.control("restart")
            _ = try await lab.gateway.erasure.eraseContact(#require(PhoneNumber(Lab.customer)))
            try await lab.harness.pass("LiveKit is not asked") { try await lab.count("RoomService/DeleteRoom") == 4 }
            try await lab.settled()
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit'") == 0)
            #expect(try await lab.count("RoomService/CreateRoom") == 2)
        }
    }

    @Test(arguments: Engines.all)
    func `a room that LiveKit makes while its customer is erased is deleted again`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            try await harness.store([harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            let handler = try #require(lab.gateway.jobs.handlers[.liveKit])
            let job = LiveKitRoomJob.job(RoomName(rawValue: Lab.room), of: .default, from: 0, at: harness.clock.now)
            #expect(try await lab.erasing { try await handler.run(job) }.get() == .done)
            let left = try await harness.database.read { session in
                try session.query("SELECT * FROM jobs WHERE kind = 'livekit'").compactMap { try Job($0) }
            }
            if engine == .postgres { #expect(left.count == 1) }
            for job in left { _ = try await handler.run(job) }
            #expect(try await lab.gateway.liveKit?.server.rooms.rooms([Lab.room]).isEmpty == true)
        }
    }

    @Test(arguments: Engines.all)
    func `events that were erased before they were told don't keep LiveKit behind`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            try await harness.store([harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            _ = try await lab.gateway.erasure.eraseContact(#require(PhoneNumber(Lab.customer)))
            _ = try await follower(harness).step()
            let last = try await harness.count("SELECT position AS n FROM event_counter WHERE name = 'events'")
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM events WHERE position = \(last)") == 0)
            #expect(try await harness.count("SELECT position AS n FROM event_cursors WHERE name = 'livekit'") == last)
        }
    }

    @Test(arguments: Engines.all)
    func `an agent is sent for into a room that was there before, once, and not beside a person who answers`(
        _ engine: SQLEngine
    ) async throws {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.server.join(Lab.room, "watcher")
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            #expect(try await lab.count("AgentDispatchService/CreateDispatch") == 1)
            // Its metadata was not the gateway's.
            #expect(try await lab.count("RoomService/UpdateRoomMetadata") == 1)
            try await lab.joined("agent")
            let agent = try #require(try await lab.participants().first { $0.kind == .agent })
            try await lab.server.control("leave", ["room": .string(Lab.room), "identity": .string(agent.identity)])
            try await lab.server.join(Lab.room, "alice", ["attributes": ["vestibule.role": "agent"]])
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.write("Still there?", id: "wamid.2")
            try await lab.settled()
            #expect(try await lab.count("AgentDispatchService/CreateDispatch") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `an account has an agent of its own, or none`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.gateway.accounts.setLiveKitAgent("sales", of: .default)
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            let agents = try await lab.server.calls("RoomService/CreateRoom").map { $0["body"]?["agents"] }
            #expect(agents == [[["agentName": "sales"]]])
            try await lab.gateway.accounts.setLiveKitAgent("", of: .default)
            try await lab.server.control("restart")
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.write("Hello?", id: "wamid.2")
            try await lab.settled()
            #expect(try await lab.server.calls("RoomService/CreateRoom").last?["body"]?["agents"] == nil)
            #expect(try await lab.count("AgentDispatchService/CreateDispatch") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `those in the room are told of everything in it, in order and once`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine) { lab in
            try await lab.server.join(Lab.room, "alice")
            for number in 1...20 { try await lab.write("Message \(number)", id: "wamid.\(number)") }
            _ = try await lab.gateway.rooms.markRead(RoomName(rawValue: Lab.room))
            try await lab.settled()
            let events = try await lab.gateway.events.list(limit: 1000).events.filter { $0.room != nil }
            let told = try await lab.told()
            #expect(told.map { $0["id"]?.string } == events.map(\.id))
            let texts = told.filter { $0["type"]?.string == "message.received" }.map { $0["data"]?["text"]?.string }
            #expect(texts == (1...20).map { "Message \($0)" })
            #expect(try await lab.server.packets(Lab.room).allSatisfy { $0["topic"]?.string == "vestibule" })
        }
    }

    @Test(arguments: Engines.all)
    func `a job that runs again tells nobody twice`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine) { lab in
            try await lab.server.join(Lab.room, "alice")
            // LiveKit does as it is told, and the answer is lost.
            try await lab.server.answer("RoomService/SendData", ["times": 2, "done": true])
            try await lab.write("Hi", id: "wamid.1")
            try await lab.harness.pass("the events are not sent") {
                try await lab.harness.count("SELECT COUNT(*) AS n FROM livekit_rooms WHERE position > 0") == 1
            }
            let events = try await lab.gateway.events.list(limit: 1000).events.filter { $0.room != nil }
            #expect(try await lab.told().map { $0["id"]?.string } == events.map(\.id))
        }
    }

    @Test(arguments: Engines.all)
    func `where nobody is, nothing is sent and nothing waits`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine) { lab in
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            #expect(try await lab.count("RoomService/CreateRoom") == 1)
            #expect(try await lab.count("RoomService/SendData") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `who left unheard is noticed, and what happens then still gets to nobody`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("Hi", id: "wamid.1")
            try await lab.settled()
            try await lab.server.control("leave", ["room": .string(Lab.room), "identity": "alice"])
            // What is known is young enough to be believed, so LiveKit is silent for its three seconds once.
            try await lab.write("Hello?", id: "wamid.2")
            try await lab.settled()
            #expect(try await lab.present().isEmpty)
            let sent = try await lab.count("RoomService/SendData")
            try await lab.write("Hello??", id: "wamid.3")
            try await lab.settled()
            #expect(try await lab.count("RoomService/SendData") == sent)
        }
    }

    @Test(arguments: Engines.all)
    func `while LiveKit is away a job or two a room wait, messages come in, and afterwards the room is made`(
        _ engine: SQLEngine
    ) async throws {
        try await Lab.run(engine, agent: "helper") { lab in
            try await lab.server.answer("RoomService/ListRooms", ["times": 3, "status": 503])
            for number in 1...5 { try await lab.write("Message \(number)", id: "wamid.\(number)") }
            #expect(try await lab.harness.history(Lab.customer).count == 5)
            try await lab.harness.wait("LiveKit is not tried") {
                try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit' AND attempts > 0")
                    > 0
            }
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit'") <= 2)
            try await lab.harness.pass("the room is not made") { try await lab.count("RoomService/CreateRoom") == 1 }
            try await lab.joined("agent")
        }
    }

    @Test(arguments: Engines.all)
    func `what LiveKit refuses for good holds up nothing that comes after it`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine) { lab in
            try await lab.server.answer(
                "RoomService/CreateRoom", ["status": 400, "body": #"{"code":"invalid_argument","msg":"no"}"#])
            try await lab.write("Hi", id: "wamid.1")
            try await lab.harness.wait("the job is not set aside") {
                try await lab.harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit' AND state = 'dead'")
                    == 1
            }
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.write("Hello?", id: "wamid.2")
            try await lab.harness.wait("the room is not made") { try await lab.count("RoomService/CreateRoom") == 2 }
        }
    }

    @Test func `an event too large for a packet names its message`() async throws {
        try await Lab.run(.sqlite) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write(String(repeating: "ü", count: 9000), id: "wamid.1")
            try await lab.settled()
            let event = try #require(try await lab.told().first { $0["type"]?.string == "message.received" })
            #expect(event["truncated"]?.bool == true)
            #expect(event["sequence"]?.int == 1 && event["data"]?["text"] == nil)
            let stored = try #require(try await lab.harness.history(Lab.customer).first)
            #expect(event["data"]?["messageId"]?.string == stored.messageID.rawValue)
        }
    }

    @Test(arguments: Engines.all)
    func `two gateways leave one job for what happened`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            let followers = (1...2).map { _ in follower(harness) }
            try await harness.store([harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for follower in followers { tasks.addTask { _ = try await follower.step() } }
                try await tasks.waitForAll()
            }
            _ = try await followers[1].step()
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'livekit'") == 1)
            #expect(
                try await harness.count(
                    """
                    SELECT COUNT(*) AS n FROM event_cursors
                    WHERE position = (SELECT position FROM event_counter)
                    """) == 1)
        }
    }
}
