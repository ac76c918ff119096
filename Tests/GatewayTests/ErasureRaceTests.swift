import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite(.timeLimit(.minutes(10))) struct ErasureRaceTests {
    @Test(arguments: Engines.all)
    func `who writes in the moment of their erasure is a new customer, and nothing is kept as failed`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine) { harness in
            let phone = "15550100001"
            let before = harness.text("before", from: phone, id: "wamid.before")
            try await harness.receive(messages: [before])
            let number = try #require(PhoneNumber(phone))
            let now = harness.clock.now
            let erasure = HeldTransaction(harness.database) { session in
                let person = try #require(try ErasedPerson.find(number, .default, session).first)
                try person.lock(session)
                for table in ["chat_messages", "whatsapp_messages"] {
                    for room in person.rooms {
                        _ = try session.execute(
                            "DELETE FROM \(table) WHERE room_name = $1", [.text(room.rawValue)])
                    }
                }
                try person.erase(at: now, session)
            }
            let outcome = try await erasure.beside {
                let after = harness.text("after", from: phone, id: "wamid.after")
                try await harness.receive(messages: [after])
            }
            try outcome.get()
            #expect(try await harness.history(phone).map(\.text) == ["after"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'failed'") == 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM contacts") == 1)
        }
    }
}
