import JSON
import LiveKit
import LiveKitStandIn
import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(5))) struct LiveKitTokenTests {
    private typealias Lab = LiveKitLab

    /// What LiveKit's own library reads in the token.
    private func claims(_ pass: JoinPass, _ lab: LiveKitLab) async throws -> JSON {
        let verdict = try await lab.server.control("verify", ["token": .string(pass.token.reveal())])
        return try #require(verdict["claims"], "\(verdict)")
    }

    @Test(arguments: Engines.all)
    func `LiveKit's library accepts the tokens, each with the grants of its kind`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            let bridge = try #require(lab.gateway.liveKit)
            let room = RoomName(rawValue: Lab.room)
            let agents = [AgentRequest(name: "helper", metadata: "German")]
            let pass = try await bridge.joinPass(
                for: room, JoinRequest(identity: "alice", name: "Alice", kind: .agent, agents: agents, life: 600))
            #expect(pass.room == room && pass.url == lab.server.url)
            let agent = try await claims(pass, lab)
            #expect(agent["identity"]?.string == "alice" && agent["name"]?.string == "Alice")
            #expect(agent["attributes"]?["vestibule.role"]?.string == "agent")
            let video = try #require(agent["video"])
            #expect(video["roomJoin"]?.bool == true && video["room"]?.string == Lab.room)
            #expect(video["canPublish"]?.bool == true && video["canPublishData"]?.bool == true)
            let verdict = try await lab.server.control("verify", ["token": .string(pass.token.reveal())])
            let configuration = try #require(verdict["plain"]?["roomConfig"])
            #expect(configuration["agents"] == [["agentName": "helper", "metadata": "German"]])
            #expect(configuration["metadata"]?.string?.contains("Customer Service") == true)

            let observer = try await claims(
                bridge.joinPass(
                    for: room, JoinRequest(identity: "eve", name: nil, kind: .observer, agents: [], life: 1)), lab)
            #expect(observer["video"]?["hidden"]?.bool == true && observer["video"]?["canPublish"]?.bool == false)
            #expect(observer["video"]?["canPublishData"]?.bool == false)
            #expect(observer["video"]?["canSubscribe"]?.bool == true)
            #expect(observer["attributes"]?["vestibule.role"] == nil)
        }
    }

    @Test(arguments: Engines.all)
    func `there is no token for a room that is none`(_ engine: SQLEngine) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            let bridge = try #require(lab.gateway.liveKit)
            let request = JoinRequest(identity: "alice", name: nil, kind: .agent, agents: [], life: 60)
            let error = await #expect(throws: GatewayError.self) {
                try await bridge.joinPass(for: RoomName(rawValue: "whatsapp_1"), request)
            }
            #expect(error?.code == .notFound)
        }
    }
}
