import Fetch
import Foundation
import JSON
import Testing

@testable import LiveKit

@Suite(.timeLimit(.minutes(5))) struct RoomServiceTests {
    @Test func `a room is made with its metadata, and one that exists comes back as it is`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        var configuration = RoomConfiguration()
        configuration.metadata = #"{"title":"Zoë"}"#
        configuration.emptyTimeout = 60
        configuration.departureTimeout = 30
        configuration.agents = [AgentRequest(name: "helper", metadata: "m1")]
        let room = try await rooms.create("whatsapp_1", configuration)
        #expect(room.name == "whatsapp_1")
        #expect(room.sid.hasPrefix("RM_"))
        #expect(room.metadata == #"{"title":"Zoë"}"#)
        #expect(abs(try #require(room.createdAt) - milliseconds()) < 600_000)
        let stored = try await server.control("room", ["name": "whatsapp_1"])
        #expect(stored["empty_timeout"] == 60)
        #expect(stored["departure_timeout"] == 30)

        configuration.metadata = "other"
        let again = try await rooms.create("whatsapp_1", configuration)
        #expect(again == room)
        try await rooms.updateMetadata(of: "whatsapp_1", to: "other")
        #expect(try await rooms.rooms(["whatsapp_1"]).map(\.metadata) == ["other"])
    }

    @Test func `rooms are listed by name or all, and are gone when the server forgot them`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        #expect(try await rooms.rooms() == [])
        for name in ["a", "b", "c"] { _ = try await rooms.create(name, RoomConfiguration()) }
        #expect(Set(try await rooms.rooms().map(\.name)) == ["a", "b", "c"])
        #expect(Set(try await rooms.rooms(["b", "x"]).map(\.name)) == ["b"])
        #expect(try await rooms.rooms([]) == [])
        try await rooms.delete("b")
        #expect(try await rooms.rooms(["b"]) == [])
        try await server.control("restart")
        #expect(try await rooms.rooms() == [])
        #expect(
            await failure { () async throws(ServerError) in try await rooms.updateMetadata(of: "a", to: "m") }
                == .notFound)
    }

    @Test func `participants are listed with what they are, and can be removed`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        #expect(try await rooms.participants(in: "r") == [])
        try await server.control(
            "join", ["room": "r", "identity": "alice", "name": "Alice", "attributes": ["a": "b"], "metadata": "m"])
        try await server.control("join", ["room": "r", "identity": "agent-1", "kind": "AGENT"])
        try await server.control("join", ["room": "r", "identity": "us", "kind": "CONNECTOR"])
        let found = try await rooms.participants(in: "r")
        #expect(Set(found.map(\.identity)) == ["alice", "agent-1", "us"])
        let alice = try #require(found.first { $0.identity == "alice" })
        #expect(alice.name == "Alice")
        #expect(alice.kind == .standard)
        #expect(alice.state == .active)
        #expect(alice.attributes == ["a": "b"])
        #expect(alice.metadata == "m")
        #expect(found.first { $0.identity == "agent-1" }?.kind == .agent)
        #expect(found.first { $0.identity == "us" }?.kind == .connector)
        try await rooms.remove("alice", from: "r")
        #expect(Set(try await rooms.participants(in: "r").map(\.identity)) == ["agent-1", "us"])
        #expect(
            await failure { () async throws(ServerError) in try await rooms.remove("alice", from: "r") } == .notFound)
        #expect(
            await failure { () async throws(ServerError) in try await rooms.remove("alice", from: "no room") }
                == .notFound)
        #expect(await failure { () async throws(ServerError) in try await rooms.delete("no room") } == .notFound)
    }

    @Test func `data reaches those in the room, once for each nonce`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        try await server.control("join", ["room": "r", "identity": "alice"])
        let nonce = UUID()
        for _ in 1...2 {
            try await rooms.sendData(
                [0, 255, 128], topic: "vestibule", to: "r", destinations: ["alice"], nonce: nonce)
        }
        try await rooms.sendData(Array("Zoë".utf8), topic: "vestibule", to: "r")
        #expect(
            try await server.control("packets", ["room": "r"])["packets"] == [
                ["data": "AP+A", "topic": "vestibule", "kind": 0, "destinations": ["alice"]],
                ["data": "Wm/Dqw==", "topic": "vestibule", "kind": 0, "destinations": []],
            ])
    }

    @Test func `each call brings a token for that call and that room`() async throws {
        let server = try await TestServer.started()
        let rooms = server.rooms()
        _ = try await rooms.create("r", RoomConfiguration())
        try await server.control("join", ["room": "r", "identity": "alice"])
        _ = try await rooms.rooms()
        _ = try await rooms.participants(in: "r")
        try await rooms.sendData([1], topic: "t", to: "r")
        try await rooms.updateMetadata(of: "r", to: "m")
        try await rooms.remove("alice", from: "r")
        try await rooms.delete("r")
        let calls = try await server.calls()
        let granted = calls.map { call in
            ["roomCreate", "roomList", "roomAdmin", "roomJoin"].filter { call["video"]?[$0] == true }
        }
        let admin = ["roomAdmin"]
        #expect(granted == [["roomCreate"], ["roomList"], admin, admin, admin, admin, ["roomCreate"]])
        for call in calls where call["video"]?["roomAdmin"] == true { #expect(call["video"]?["room"] == "r") }
    }
}
