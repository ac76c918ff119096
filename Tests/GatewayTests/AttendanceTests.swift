import JSON
import SQL
import Testing

@testable import Gateway

/// Which gateway is in which room.
@Suite(.timeLimit(.minutes(10))) struct AttendanceTests {
    private typealias Lab = LiveKitLab

    private static let first = RoomName(rawValue: Lab.room)
    private static let second = RoomName(rawValue: "whatsapp_15550100002")

    private static func attendance(_ lab: LiveKitLab, _ holder: String) -> Attendance {
        Attendance(
            database: lab.harness.database, clock: Clock { [clock = lab.harness.clock] in clock.now }, holder: holder)
    }

    /// Somebody is in two rooms.
    private func run(_ engine: SQLEngine, _ body: @Sendable (LiveKitLab) async throws -> Void) async throws {
        try await Lab.run(engine, isServing: false) { lab in
            for (number, customer) in [Lab.customer, "15550100002"].enumerated() {
                try await lab.harness.store([lab.harness.text("Hi", from: customer, id: "wamid.\(number)")])
                try await lab.tell(
                    "participant_joined",
                    [
                        "room": ["sid": .string("RM_\(number)"), "name": .string("whatsapp_\(customer)")],
                        "participant": [
                            "sid": .string("PA_\(number)"), "identity": "alice", "joinedAt": "1795230256",
                        ],
                    ])
            }
            try await body(lab)
        }
    }

    @Test(arguments: Engines.all)
    func `a room that is renewed stays with its gateway, and one that is not lapses`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let (own, other) = (Self.attendance(lab, "a"), Self.attendance(lab, "b"))
            let claimed = try await own.claim(atMost: 8)
            #expect(Set(claimed) == [Self.first, Self.second])
            #expect(try await other.claim(atMost: 8).isEmpty)
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await own.renew([]).isEmpty)
            #expect(try await own.renew([Self.first]) == [Self.first])
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await other.claim(atMost: 8) == [Self.second])
            #expect(try await own.renew([Self.first, Self.second]) == [Self.first])
        }
    }

    @Test(arguments: Engines.all)
    func `the gateway itself may claim again what nobody renewed`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let own = Self.attendance(lab, "a")
            // As when the database's answer to it is lost.
            _ = try await own.claim(atMost: 8)
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await own.renew([Self.second]) == [Self.second])
            #expect(try await own.claim(atMost: 8).isEmpty)
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await own.claim(atMost: 8) == [Self.first])
        }
    }

    @Test(arguments: Engines.all)
    func `a room that is given back rests, and only its holder gives it back`(_ engine: SQLEngine) async throws {
        try await run(engine) { lab in
            let (own, other) = (Self.attendance(lab, "a"), Self.attendance(lab, "b"))
            _ = try await own.claim(atMost: 8)
            try await other.release(Self.first, rest: 0)
            try await own.release(Self.second, rest: 2000)
            #expect(try await other.claim(atMost: 8).isEmpty)
            lab.harness.clock.advance(by: .seconds(2))
            #expect(try await other.claim(atMost: 8) == [Self.second])
        }
    }

    @Test func `a room is attended once, and the end of one stay is not the next one's`() async throws {
        let rooms = AttendedRooms()
        let end = try #require(rooms.insert(Self.first))
        #expect(rooms.insert(Self.first) == nil)
        rooms.remove(Self.first, end)
        #expect(rooms.names.isEmpty)
        let next = try #require(rooms.insert(Self.first))
        rooms.remove(Self.first, end)
        #expect(rooms.names == [Self.first])
        rooms.end(allBut: [])
        #expect(await next.isRaised(within: .seconds(60)))
        rooms.endAll()
        let late = try #require(rooms.insert(Self.second))
        #expect(await late.isRaised(within: .seconds(60)))
    }
}
