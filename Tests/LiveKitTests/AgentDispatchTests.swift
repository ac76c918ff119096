import Foundation
import JSON
import Testing

@testable import LiveKit

@Suite(.timeLimit(.minutes(5))) struct AgentDispatchTests {
    @Test func `an agent is sent for, listed, and not sent for any more`() async throws {
        let server = try await TestServer.started()
        let dispatches = server.dispatches()
        try await server.control("agents", ["names": ["helper"]])
        let dispatch = try await dispatches.create(AgentRequest(name: "helper", metadata: "m"), in: "r")
        #expect(dispatch.id.hasPrefix("AD_"))
        #expect(dispatch.agentName == "helper")
        #expect(dispatch.room == "r")
        #expect(dispatch.metadata == "m")

        // The room was made by it, and the agent comes a moment later.
        var agents: [ParticipantInfo] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while agents.isEmpty, .now < deadline {
            agents = try await server.rooms().participants(in: "r").filter { $0.kind == .agent }
        }
        #expect(agents.map { $0.attributes["lk.agent.name"] } == ["helper"])
        #expect(try await dispatches.list(in: "r").contains(dispatch))
        try await dispatches.delete(dispatch.id, in: "r")
        #expect(try await !dispatches.list(in: "r").contains(dispatch))
        #expect(
            await failure { () async throws(ServerError) in try await dispatches.delete(dispatch.id, in: "r") }
                == .notFound)
    }

    @Test func `the dispatches of an empty room can't be had`() async throws {
        let server = try await TestServer.started()
        #expect(
            await failure { () async throws(ServerError) in try await server.dispatches().list(in: "r") }
                == .nobodyInRoom)
    }
}
