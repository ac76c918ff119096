import JSON
import LiveKit
import LiveKitStandIn
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// The gateway as a participant, by the real native library.
@Suite(.timeLimit(.minutes(10))) struct LiveKitTalkTests {
    private typealias Lab = LiveKitLab

    @Test(arguments: Engines.all)
    func `what the customer writes is said in the room, and what is said there goes to the customer, each once`(
        _ engine: SQLEngine
    ) async throws {
        try await Lab.run(engine, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice", ["name": "Alice"])
            try await lab.server.join(Lab.room, "helper", ["kind": "AGENT"])
            try await lab.write("Hello,", id: "wamid.1")
            try await lab.write("are you open?", id: "wamid.2")
            try await lab.harness.wait("nothing is said") {
                try await lab.heard().compactMap { $0["text"]?.string }.joined(separator: "\n")
                    == "Hello,\nare you open?"
            }
            let said = try await lab.heard()
            #expect(said.allSatisfy { $0["identity"]?.string == Lab.room && $0["topic"]?.string == "lk.chat" })
            #expect(said.allSatisfy { $0["destinations"] == ["alice", "helper"] })
            let own = try #require(try await lab.participants().first { $0.identity == Lab.room })
            #expect(own.kind == .connector && own.name == "+15550100001")

            try await lab.say(["Yes, ", "till nine."], by: "helper", on: "lk.transcription")
            try await lab.say(["What I said in a call"], by: "alice", on: "lk.transcription")
            try await lab.say(["See you!"], by: "alice", on: "lk.chat")
            try await lab.harness.wait("the answers don't come") { try await lab.answers().count == 2 }
            let sent = try await lab.answers()
            #expect(Set(sent.map(\.text)) == ["Yes, till nine.", "See you!"])
            let speaker = sent.first { $0.text == "See you!" }?.sender
            #expect(speaker?["id"]?.string == "alice" && speaker?["type"]?.string == "human")
            // What goes to the customer is not said in the room.
            try await lab.write("Thanks", id: "wamid.3")
            try await lab.harness.wait("the thanks are not said") {
                try await lab.heard().last?["text"]?.string == "Thanks"
            }
            #expect(try await lab.heard().count <= 3)
        }
    }

    @Test func `what comes at once is said as one text, and nothing again to those who come later`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.harness.receive(
                messages: ["Hello,", "are you open", "on Sunday?"].enumerated().map { number, text in
                    lab.harness.text(text, from: Lab.customer, id: "wamid.\(number)")
                })
            try await lab.harness.wait("nothing is said") { try await lab.heard().count == 1 }
            let said = try #require(try await lab.heard().first)
            #expect(said["text"]?.string == "Hello,\nare you open\non Sunday?")
            let facts = try JSON(parsing: Array((said["attributes"]?["vestibule.messages"]?.string ?? "").utf8))
            #expect(facts.array?.map { $0["sequence"]?.int } == [1, 2, 3] && facts[0]?["type"]?.string == "text")

            // The gateway is not alone in a room.
            try await lab.server.control("leave", ["room": .string(Lab.room), "identity": "alice"])
            try await lab.harness.wait("the gateway stays") { try await lab.participants().isEmpty }
            lab.harness.clock.advance(by: .seconds(60))
            try await lab.server.join(Lab.room, "bob")
            try await lab.write("Hello?", id: "wamid.4")
            try await lab.harness.wait("bob hears nothing") { try await lab.heard().count >= 2 }
            #expect(try await lab.heard().map { $0["text"]?.string }.last == "Hello?")
            #expect(try await lab.heard().count == 2)
            #expect(try await lab.heard().last?["attributes"]?["vestibule.sequence"]?.string == "4")
        }
    }

    @Test func `who joins hears what nobody has answered, and nothing older`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.write("From two days ago", id: "wamid.1")
            lab.harness.clock.advance(by: .seconds(2 * 86_400))
            try await lab.write("Answered", id: "wamid.2")
            _ = try await lab.gateway.outbound.submit(
                Draft(content: .text(body: "Yes", previewURL: false)), to: .room(RoomName(rawValue: Lab.room)))
            try await lab.write("Not answered", id: "wamid.3")
            lab.harness.clock.advance(by: .seconds(3600))
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("Hello?", id: "wamid.4")
            try await lab.harness.wait("nothing is said") {
                try await lab.heard().last?["text"]?.string?.hasSuffix("Hello?") == true
            }
            let said = try await lab.heard().compactMap { $0["text"]?.string }
            #expect(said.joined(separator: "\n") == "Not answered\nHello?")
        }
    }

    @Test func `an agent that is about to answer is not interrupted`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            func state(_ state: String) async throws {
                try await lab.server.control(
                    "attributes",
                    [
                        "room": .string(Lab.room), "identity": "helper",
                        "attributes": ["lk.agent.state": .string(state)],
                    ])
            }
            try await lab.server.join(Lab.room, "helper", ["kind": "AGENT"])
            try await state("listening")
            try await lab.write("Hello", id: "wamid.1")
            try await lab.harness.wait("nothing is said") { try await lab.heard().count == 1 }
            try await state("thinking")
            // It has reached the gateway when what is said after it has.
            try await lab.say(["One moment"], by: "helper", on: "lk.chat")
            try await lab.harness.wait("nothing is heard") { try await lab.answers().count == 1 }
            try await lab.write("Are you", id: "wamid.2")
            let start = ContinuousClock.now
            try await lab.harness.wait("time stands still") { ContinuousClock.now - start > .seconds(4) }
            try await lab.write("open?", id: "wamid.3")
            try await state("listening")
            try await lab.harness.wait("nothing more is said") { try await lab.heard().count >= 2 }
            #expect(try await lab.heard().map { $0["states"]?["helper"]?.string } == ["listening", "listening"])
        }
    }

    @Test func `a file is said as a link when it is there`() async throws {
        let meta = try StandInMeta()
        defer { meta.stop() }
        meta.set(information: [meta.information(of: Samples.jpeg)], files: [StandInMeta.file(Samples.jpeg)])
        try await Lab.run(.sqlite, takingPart: true, graphURL: meta.origin) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.harness.receive(messages: [
                [
                    "from": .string(Lab.customer), "id": "wamid.1", "type": "image",
                    "timestamp": .string(String(lab.harness.clock.now / 1000)),
                    "image": ["id": "1001", "mime_type": "image/jpeg", "caption": "Look"],
                ]
            ])
            try await lab.harness.wait("nothing is said") { try await lab.heard().count == 1 }
            let message = try await lab.harness.message("wamid.1")
            let link = "https://chat.example.org" + (message.media.url ?? "-")
            let said = try #require(try await lab.heard().first)
            #expect(said["text"]?.string == "Look\n\(link)")
            #expect(said["attributes"]?["vestibule.mediaUrl"]?.string == link)
            #expect(said["attributes"]?["vestibule.mimeType"]?.string == "image/jpeg")
            #expect(said["attributes"]?["vestibule.messageId"]?.string == message.messageID.rawValue)
        }
    }

    @Test func `what can't be sent is told to its speaker alone`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.server.join(Lab.room, "bob")
            try await lab.write("Hello", id: "wamid.1")
            try await lab.harness.wait("nothing is said") { try await lab.heard().count == 1 }
            lab.harness.clock.advance(by: .seconds(25 * 3600))
            try await lab.say(["Are you there?"], by: "alice", on: "lk.chat")
            try await lab.harness.wait("nobody is told") { try await lab.heard().count == 2 }
            let told = try #require(try await lab.heard().last)
            #expect(told["topic"]?.string == "vestibule.refused" && told["destinations"] == ["alice"])
            let error = try JSON(parsing: Array((told["text"]?.string ?? "").utf8))["error"]
            #expect(error?["code"]?.string == "WINDOW_CLOSED")
            #expect(try await lab.answers().isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `an erased customer is gone from LiveKit's tables, and the room with all who are in it from LiveKit`(
        _ engine: SQLEngine
    ) async throws {
        try await Lab.run(engine, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("Hello", id: "wamid.1")
            try await lab.harness.wait("nothing is said") { try await lab.heard().count == 1 }
            _ = try await lab.gateway.erasure.eraseContact(#require(PhoneNumber(Lab.customer)))
            for table in ["livekit_rooms", "livekit_participants"] {
                #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM \(table)") == 0)
            }
            try await lab.harness.wait("the room stays") {
                let isDeleted = try await lab.count("RoomService/DeleteRoom") == 1
                return try await lab.participants().isEmpty && isDeleted
            }
        }
    }

    @Test func `the room's own identity is nobody else's`() async throws {
        try await Lab.run(.sqlite, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            let bridge = try #require(lab.gateway.liveKit)
            let request = JoinRequest(identity: Lab.room, name: nil, kind: .agent, agents: [], life: 60)
            let error = await #expect(throws: GatewayError.self) {
                try await bridge.joinPass(for: RoomName(rawValue: Lab.room), request)
            }
            #expect(error?.code == .invalid)
        }
    }
}
