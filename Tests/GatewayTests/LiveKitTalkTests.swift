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

    private func heard(_ lab: LiveKitLab) async throws -> [JSON] {
        try await lab.server.control("heard", ["room": .string(Lab.room)])["heard"]?.array ?? []
    }

    private func say(_ lab: LiveKitLab, _ chunks: [String], by identity: String, on topic: String) async throws {
        try await lab.server.control(
            "say",
            [
                "room": .string(Lab.room), "identity": .string(identity), "topic": .string(topic),
                "chunks": .array(chunks.map { .string($0) }),
            ])
    }

    private func answers(_ lab: LiveKitLab) async throws -> [Message] {
        try await lab.harness.history(Lab.customer).filter { $0.direction == .outgoing }
    }

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
                try await heard(lab).compactMap { $0["text"]?.string }.joined(separator: "\n")
                    == "Hello,\nare you open?"
            }
            let said = try await heard(lab)
            #expect(said.allSatisfy { $0["identity"]?.string == Lab.room && $0["topic"]?.string == "lk.chat" })
            #expect(said.allSatisfy { $0["destinations"] == ["alice", "helper"] })
            let own = try #require(try await lab.participants().first { $0.identity == Lab.room })
            #expect(own.kind == .connector && own.name == "+15550100001")

            try await say(lab, ["Yes, ", "till nine."], by: "helper", on: "lk.transcription")
            try await say(lab, ["What I said in a call"], by: "alice", on: "lk.transcription")
            try await say(lab, ["See you!"], by: "alice", on: "lk.chat")
            try await lab.harness.wait("the answers don't come") { try await answers(lab).count == 2 }
            let sent = try await answers(lab)
            #expect(Set(sent.map(\.text)) == ["Yes, till nine.", "See you!"])
            let speaker = sent.first { $0.text == "See you!" }?.sender
            #expect(speaker?["id"]?.string == "alice" && speaker?["type"]?.string == "human")
            // What goes to the customer is not said in the room.
            try await lab.write("Thanks", id: "wamid.3")
            try await lab.harness.wait("the thanks are not said") {
                try await heard(lab).last?["text"]?.string == "Thanks"
            }
            #expect(try await heard(lab).count <= 3)
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
