import Fetch
import Foundation
import JSON
import LiveKitStandIn
import Testing

@testable import Simulator

/// The whole program as a participant, by the real native library, of a LiveKit room.
@Suite(.timeLimit(.minutes(10))) struct ParticipantTests {
    private static let phone = "15550100001"
    private static let room = "whatsapp_15550100001"

    private static func settings(_ server: StandInLiveKit) throws -> [String: String] {
        [
            "LIVEKIT_URL": server.url, "LIVEKIT_API_KEY": server.key, "LIVEKIT_API_SECRET": server.secret,
            "LIVEKIT_FFI_PATH": try NativeProgram.command()[2],
        ]
    }

    private func write(_ text: String, id: String, _ site: Site) async throws {
        #expect(try await site.postWebhook(Webhooks.text(text, id: id, from: Self.phone)).status == 200)
    }

    /// The lines of all texts that the gateway has said in the room, whichever text they stood in.
    private func heard(_ server: StandInLiveKit) async throws -> [String] {
        let texts = try await server.control("heard", ["room": .string(Self.room)])["heard"]?.array ?? []
        #expect(texts.allSatisfy { $0["identity"]?.string == Self.room && $0["topic"]?.string == "lk.chat" })
        return texts.flatMap { ($0["text"]?.string ?? "").split(separator: "\n").map(String.init) }
    }

    private func heard(_ lines: [String], _ server: StandInLiveKit) async throws {
        try await eventually("this is said: \(lines)") {
            try await heard(server).count >= lines.count ? true : nil
        }
        #expect(try await heard(server) == lines)
    }

    private func say(_ text: String, by identity: String, _ server: StandInLiveKit) async throws {
        try await server.control(
            "say",
            ["room": .string(Self.room), "identity": .string(identity), "chunks": .array([.string(text)])])
    }

    private func isThinking(_ isThinking: Bool, _ agent: String, _ server: StandInLiveKit) async throws {
        try await server.control(
            "attributes",
            [
                "room": .string(Self.room), "identity": .string(agent),
                "attributes": ["lk.agent.state": isThinking ? "thinking" : "listening"],
            ])
    }

    /// What reached the customer's phone.
    private func sent(_ count: Int, _ site: Site) async throws -> [String?] {
        try await eventually("\(count) answers are sent") {
            let sent = try await site.meta.sent(to: "+\(Self.phone)").map { $0["text"]?.string }
            return sent.count >= count ? sent : nil
        }
    }

    @Test(arguments: Storage.engines)
    func `a customer and a LiveKit room talk through a kill of the gateway: nothing is lost, nothing said twice`(
        _ storage: Storage
    ) async throws {
        let server = try await StandInLiveKit.start()
        try await Site.run(storage, environment: try Self.settings(server)) { site in
            try await server.control("webhooks", ["url": .string(site.base + "/livekit/webhook")])
            try await write("Hello,", id: "wamid.1", site)
            try await write("are you open?", id: "wamid.2", site)
            try await server.join(Self.room, "alice", ["name": "Alice"])
            try await server.join(Self.room, "helper", ["kind": "AGENT"])
            try await heard(["Hello,", "are you open?"], server)

            // While the agent thinks it is not interrupted, so the customer's next words wait.
            try await isThinking(true, "helper", server)
            // Answers wait as well when the kill comes: of one that is just on its way nobody would know what became of it.
            #expect(try await site.call("POST", "/jobs/pause", ["kind": "send"]).status == 200)
            // What was said in the room before has been heard when this has.
            try await say("Till nine.", by: "alice", server)
            try await site.messages(Self.phone, "the answer is stored") { $0.count == 3 }
            try await write("And on Sunday?", id: "wamid.3", site)
            await site.kill()

            try await isThinking(false, "helper", server)
            try await site.start()
            try await server.control("webhooks", ["url": .string(site.base + "/livekit/webhook")])
            #expect(try await site.call("POST", "/jobs/resume", [:]).status == 200)
            try await write("Or on Monday?", id: "wamid.4", site)
            let said = ["Hello,", "are you open?", "And on Sunday?", "Or on Monday?"]
            try await heard(said, server)
            try await say("On Monday.", by: "alice", server)
            #expect(try await sent(2, site) == ["Till nine.", "On Monday."])

            // By the end of this whatever was said twice would have been heard twice.
            try await write("Thanks", id: "wamid.5", site)
            try await heard(said + ["Thanks"], server)
            try await say("Bye", by: "alice", server)
            #expect(try await sent(3, site) == ["Till nine.", "On Monday.", "Bye"])
            let messages = try await site.messages(Self.phone)
            #expect(messages.map { $0["sequence"]?.int } == (1...8).map { $0 })
            let answers = messages.filter { $0["direction"] == "outgoing" }
            #expect(answers.compactMap { $0["sender"]?["id"]?.string } == ["alice", "alice", "alice"])
        }
    }

    @Test func `the doctor says whether the gateway can take part in LiveKit rooms, and with which library`()
        async throws
    {
        let server = try await StandInLiveKit.start()
        let settings = try Self.settings(server)
        let library = try #require(settings["LIVEKIT_FFI_PATH"])
        try await Site.run(.sqlite, environment: settings) { site in
            let there = try await site.command(["doctor"])
            #expect(there.ending == .exit(0), "\(there.output)")
            #expect(there.output.contains("\nok    participant   \(library)\n"), "\(there.output)")
            let none = try await site.command(["doctor"], environment: ["LIVEKIT_FFI_PATH": ""])
            #expect(none.ending == .exit(0), "\(none.output)")
            #expect(none.output.contains("\nwarn  participant   there is no native library"), "\(none.output)")
            #expect(none.output.contains("set LIVEKIT_FFI_PATH"))
            let folder = site.folder.path
            for wrong in [folder + "/nothing.so", folder + "/.env"] {
                let result = try await site.command(["doctor"], environment: ["LIVEKIT_FFI_PATH": wrong])
                #expect(result.ending == .exit(1) && result.output.contains("\nfail  participant"), "\(result.output)")
                #expect(result.output.contains("check LIVEKIT_FFI_PATH"))
            }
        }
    }

    @Test func `without the library all the rest works, and nobody is in the room`() async throws {
        let server = try await StandInLiveKit.start()
        var environment = try Self.settings(server)
        environment["LIVEKIT_FFI_PATH"] = ""
        try await Site.run(.sqlite, environment: environment) { site in
            try await server.control("webhooks", ["url": .string(site.base + "/livekit/webhook")])
            try await write("Hello", id: "wamid.1", site)
            try await eventually("the room is made") {
                try await server.calls("RoomService/CreateRoom").count == 1 ? true : nil
            }
            try await server.join(Self.room, "alice")
            func present() async throws -> [String?] {
                try await site.get("/rooms/\(Self.room)/participants").json.array?.map { $0["identity"]?.string } ?? []
            }
            try await eventually("alice is seen") { try await present() == ["alice"] ? true : nil }
            try await write("Hello?", id: "wamid.2", site)
            try await eventually("those in the room are told") {
                try await server.packets(Self.room).isEmpty ? nil : true
            }
            #expect(try await heard(server).isEmpty)
            #expect(try await present() == ["alice"])
            #expect(try await site.get("/ready").json["status"] == "ready")
        }
    }
}
