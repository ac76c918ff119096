import JSON
import LiveKitStandIn
import SQL
import Testing
import WhatsApp

@testable import Gateway
@testable import LiveKit

/// Nothing is lost or said twice when LiveKit, its library or a gateway goes away.
@Suite(.timeLimit(.minutes(10))) struct LiveKitOutageTests {
    private typealias Lab = LiveKitLab

    /// Waits until so many texts were said. Rooms rest after a loss, so the time goes on.
    private func said(_ lab: LiveKitLab, _ texts: [String]) async throws {
        try await lab.harness.wait("not said: \(texts)") {
            lab.harness.clock.advance(by: .milliseconds(10))
            return try await lab.heard().count >= texts.count
        }
        #expect(try await lab.heard().map { $0["text"]?.string } == texts)
    }

    @Test(arguments: [false, true])
    func `what LiveKit took and lost is said again, and nothing else`(outlastsLibrary: Bool) async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("One", id: "wamid.1")
            try await said(lab, ["One"])
            // It is proven that it was said.
            try await lab.harness.wait("it is not proven") {
                try await lab.participants().contains { $0.attributes["vestibule.said"] == "1" }
            }
            try await lab.server.control("deaf", ["isDeaf": true])
            try await lab.write("Two", id: "wamid.2")
            try await lab.harness.wait("it is not tried") {
                try await lab.harness.count(
                    """
                    SELECT COUNT(*) AS n FROM livekit_rooms l JOIN events e ON l.said >= e.position
                    WHERE e.type = 'message.received' AND e.sequence = 2
                    """) == 1
            }
            try await lab.server.control("restart")
            if outlastsLibrary {
                try await lab.harness.wait("the library does not give up") {
                    try await lab.harness.count("SELECT COUNT(*) AS n FROM livekit_rooms WHERE holder IS NULL") == 1
                }
            }
            try await lab.server.control("deaf", ["isDeaf": false])
            try await lab.server.join(Lab.room, "alice")
            try await said(lab, ["One", "Two"])
            try await lab.write("Three", id: "wamid.3")
            try await said(lab, ["One", "Two", "Three"])
        }
    }

    @Test func `thrown out of the room, the gateway comes back and goes on where it was`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("One", id: "wamid.1")
            try await said(lab, ["One"])
            try await lab.server.control("leave", ["room": .string(Lab.room), "identity": .string(Lab.room)])
            try await lab.write("Two", id: "wamid.2")
            try await said(lab, ["One", "Two"])
        }
    }

    @Test func `a library that crashes is begun again, and stops nothing else`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("One", id: "wamid.1")
            try await said(lab, ["One"])
            let attendance = try #require(lab.gateway.attendance)
            for (number, text) in ["Two", "Three"].enumerated() {
                try await attendance.library.process().kill()
                try await lab.write(text, id: "wamid.again.\(number)")
                try await said(lab, ["One", "Two", "Three"].dropLast(1 - number))
            }
            try await lab.say(["Hello"], by: "alice", on: "lk.chat")
            try await lab.harness.wait("nothing is heard") { try await lab.answers().map(\.text) == ["Hello"] }
        }
    }

    @Test func `a lease that lapsed under the gateway is no reason to join again`() async throws {
        try await Lab.run(.sqlite, takingPart: true) { lab in
            func own() async throws -> [String] {
                try await lab.participants().filter { $0.identity == Lab.room }.map(\.sid)
            }
            try await lab.server.join(Lab.room, "alice")
            try await lab.write("One", id: "wamid.1")
            try await said(lab, ["One"])
            let stay = try await own()
            #expect(stay.count == 1)
            lab.harness.clock.advance(by: .seconds(60))
            let now = lab.harness.clock.now
            try await lab.harness.wait("the room is not taken again") {
                try await lab.harness.count(
                    "SELECT COUNT(*) AS n FROM livekit_rooms WHERE holder IS NOT NULL AND held_until > \(now)") == 1
            }
            try await lab.write("Two", id: "wamid.2")
            try await said(lab, ["One", "Two"])
            #expect(try await own() == stay)
        }
    }

    @Test func `of two gateways one is in the room, and when it stops the other goes on`() async throws {
        guard Engines.all.contains(.postgres) else { return }
        try await Lab.run(.postgres, takingPart: true, isServing: false) { lab in
            let other = try await Harness.open(lab.harness.settings, lab.harness.clock)
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await pass(from: lab.gateway, to: other, lab))
            } catch {
                outcome = .failure(error)
            }
            await other.close()
            try outcome.get()
        }
    }

    private func pass(from first: Gateway, to second: Gateway, _ lab: LiveKitLab) async throws {
        let (firstMayStop, firstHasStopped) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { firstHasStopped.open() }
                try await Harness.serve(first) { await firstMayStop.pass() }
            }
            group.addTask {
                defer { firstMayStop.open() }
                try await lab.server.join(Lab.room, "alice")
                try await lab.write("One", id: "wamid.1")
                try await said(lab, ["One"])
                try await Harness.serve(second) {
                    try await lab.write("Two", id: "wamid.2")
                    try await lab.say(["Hello"], by: "alice", on: "lk.chat")
                    try await said(lab, ["One", "Two"])
                    try await lab.harness.wait("nothing is heard") { try await lab.answers().count == 1 }
                    #expect(try await lab.participants().map(\.identity).sorted() == ["alice", Lab.room])
                    firstMayStop.open()
                    await firstHasStopped.pass()
                    try await lab.harness.wait("the other does not come") {
                        lab.harness.clock.advance(by: .milliseconds(10))
                        return try await lab.participants().contains { $0.identity == Lab.room }
                    }
                    let words = lab.harness.text("Three", from: Lab.customer, id: "wamid.3")
                    try await second.ingest.accept(Harness.webhook(["messages": [words]]).encoded())
                    try await said(lab, ["One", "Two", "Three"])
                    try await lab.say(["Bye"], by: "alice", on: "lk.chat")
                    try await lab.harness.wait("nothing is heard") { try await lab.answers().count == 2 }
                    #expect(try await lab.answers().map(\.text) == ["Hello", "Bye"])
                }
            }
            try await group.waitForAll()
        }
    }
}
