import Foundation
import JSON
import LiveKit
import LiveKitStandIn
import SQL
import Testing

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct LiveKitPresenceTests {
    private typealias Lab = LiveKitLab

    private static func room(_ sid: String, _ name: String = Lab.room) -> JSON {
        ["sid": .string(sid), "name": .string(name)]
    }

    private static func participant(_ sid: String, _ identity: String, _ fields: JSONObject = [:]) -> JSON {
        var object: JSONObject = ["sid": .string(sid), "identity": .string(identity), "joinedAt": "1795230256"]
        for (key, value) in fields { object[key] = value }
        return .object(object)
    }

    private func run(_ engine: SQLEngine, _ body: @Sendable (LiveKitLab) async throws -> Void) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("Hi", from: Lab.customer, id: "wamid.1")])
            try await body(lab)
        }
    }

    @Test(arguments: Engines.all)
    func `webhooks tell who is in a room, and one who has left stays gone whatever comes again`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { lab in
            let room = Self.room("RM_1")
            try await lab.tell("room_started", ["room": room])
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_1", "alice")])
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_2", "bob")])
            #expect(try await lab.present() == ["alice", "bob"])
            try await lab.tell("participant_left", ["room": room, "participant": Self.participant("PA_1", "alice")])
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_1", "alice")])
            #expect(try await lab.present() == ["bob"])
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_3", "alice")])
            #expect(try await lab.present() == ["bob", "alice"])
            try await lab.tell("participant_left", ["room": room, "participant": Self.participant("PA_4", "carol")])
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_4", "carol")])
            #expect(try await lab.present() == ["bob", "alice"])
        }
    }

    @Test(arguments: Engines.all)
    func `the end of a room empties it; the late end of an earlier one does not`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            try await lab.tell(
                "participant_joined",
                ["room": Self.room("RM_1"), "participant": Self.participant("PA_1", "alice")])
            try await lab.tell("room_finished", ["room": Self.room("RM_1")])
            #expect(try await lab.present().isEmpty)
            try await lab.tell(
                "participant_joined",
                ["room": Self.room("RM_2"), "participant": Self.participant("PA_2", "alice")])
            try await lab.tell("room_finished", ["room": Self.room("RM_1")])
            #expect(try await lab.present() == ["alice"])
        }
    }

    @Test(arguments: Engines.all)
    func `people who answer are told from those who don't`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let room = Self.room("RM_1")
            let fields: [JSONObject] = [
                [:], ["kind": "AGENT"], ["attributes": ["vestibule.role": "agent"]],
                ["attributes": ["vestibule.role": "observer"]],
            ]
            for (number, fields) in fields.enumerated() {
                let participant = Self.participant("PA_\(number)", "p\(number)", fields)
                try await lab.tell("participant_joined", ["room": room, "participant": participant])
            }
            let bridge = try #require(lab.gateway.liveKit)
            let present = try await bridge.participants(in: RoomName(rawValue: Lab.room))
            #expect(present.map(\.isAgent) == [false, true, true, false])
        }
    }

    @Test(arguments: Engines.all)
    func `rooms of others are none of the gateway's business`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let participant = Self.participant("PA_1", "alice")
            try await lab.tell(
                "participant_joined", ["room": Self.room("RM_1", "standup"), "participant": participant])
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM livekit_participants") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `LiveKit's own list corrects what webhooks told, but not what happened after it was asked for`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { lab in
            let room = Self.room("RM_1")
            let name = RoomName(rawValue: Lab.room)
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_1", "alice")])
            let asked = lab.harness.clock.now
            lab.harness.clock.advance(by: .seconds(1))
            try await lab.tell("participant_joined", ["room": room, "participant": Self.participant("PA_2", "bob")])
            try await lab.server.join(Lab.room, "carol")
            let list = try await lab.participants().map(RoomParticipant.init)
            try await lab.harness.database.transaction { session in
                try Presence.correct(name, list, asked: asked, at: asked + 1000, session)
            }
            #expect(Set(try await lab.present()) == ["bob", "carol"])
        }
    }

    enum Writing: CaseIterable, Sendable {
        case place, list, webhook
    }

    @Test(arguments: Engines.all, Writing.allCases)
    func `what is noted of a room at the moment of its erasure is left out`(
        _ engine: SQLEngine, _ writing: Writing
    ) async throws {
        try await run(engine) { lab in
            let name = RoomName(rawValue: Lab.room)
            let harness = lab.harness
            let server = try #require(lab.gateway.liveKit).server
            let visit = try await RoomVisit.find(name, start: 0, agent: nil, harness.database)
            try await lab.server.join(Lab.room, "alice")
            try await lab.erasing {
                switch writing {
                case .place: try await visit?.store(position: 1, in: lab.gateway.database)
                case .list:
                    let clock = Clock { harness.clock.now }
                    _ = try await Presence.look(into: name, server, lab.gateway.database, clock)
                case .webhook:
                    try await lab.tell(
                        "participant_joined",
                        ["room": Self.room("RM_1"), "participant": Self.participant("PA_1", "bob")])
                }
            }.get()
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM rooms") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `a webhook that is not LiveKit's is refused`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let bridge = try #require(lab.gateway.liveKit)
            let body = Array(#"{"event":"room_started","id":"EV_1","room":{"sid":"RM_1","name":"x"}}"#.utf8)
            let other = try await StandInLiveKit.start()
            func signed(_ server: StandInLiveKit, _ body: [UInt8]) async throws -> String? {
                try await server.control("sign", ["body": .string(body.base64)])["authorization"]?.string
            }
            for authorization in [
                nil, "", "x", try await signed(other, body), try await signed(lab.server, body + [32]),
            ] {
                let error = await #expect(throws: GatewayError.self) {
                    try await bridge.receive(authorization: authorization, body: body)
                }
                #expect(error?.code == .verificationFailed)
            }
            try await bridge.receive(authorization: try await signed(lab.server, body), body: body)
        }
    }
}

extension [UInt8] {
    fileprivate var base64: String { Data(self).base64EncodedString() }
}
