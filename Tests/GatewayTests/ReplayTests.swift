import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite struct ReplayTests {
    private static let tables = [
        "webhook_events", "whatsapp_messages", "chat_messages", "message_statuses", "message_changes", "rooms",
        "contacts", "contact_aliases", "jobs",
    ]

    /// Rows and revisions, which tell whether anything was written.
    private func fingerprint(_ harness: Harness) async throws -> [Int64] {
        var counts: [Int64] = []
        for table in Self.tables { counts.append(try await harness.count("SELECT COUNT(*) AS n FROM \(table)")) }
        counts.append(try await harness.count("SELECT SUM(revision) AS n FROM chat_messages"))
        counts.append(try await harness.count("SELECT SUM(deliveries) AS n FROM webhook_events"))
        counts.append(try await harness.count("SELECT SUM(unread_count) AS n FROM rooms"))
        return counts
    }

    @Test(arguments: Engines.all) func `replaying everything changes nothing`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for number in 0..<250 {
                let phone = "1555010000\(number % 3)"
                try await harness.receive(messages: [harness.text("\(number)", from: phone, id: "wamid.\(number)")])
            }
            try await harness.receive(statuses: [harness.status("read", of: "wamid.unknown")])
            try await harness.gateway.ingest.accept(Array("{broken".utf8))
            let before = try await fingerprint(harness)
            let report = try await harness.gateway.replay.replay(ReplaySelection())
            #expect(report == ReplayReport(events: 252, messages: 0, statuses: 0, failed: 1))
            #expect(try await fingerprint(harness) == before)
        }
    }

    @Test(arguments: Engines.all)
    func `what was lost from the tables comes back from the raw events`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for number in 1...5 {
                let message = harness.text("\(number)", from: "15550100001", id: "wamid.\(number)")
                try await harness.receive(messages: [message])
                harness.clock.advance(by: .seconds(60))
            }
            _ = try await harness.database.transaction { session in
                for table in ["whatsapp_messages", "chat_messages"] {
                    try session.execute("DELETE FROM \(table) WHERE whatsapp_message_id IN ('wamid.2', 'wamid.4')")
                }
            }
            var selection = ReplaySelection()
            selection.since = harness.clock.now - 150_000
            #expect(try await harness.gateway.replay.replay(selection).messages == 1)
            #expect(try await harness.history("15550100001").map(\.text) == ["1", "3", "5", "4"])
            selection.since = nil
            selection.phone = PhoneNumber("+15550100002")
            #expect(try await harness.gateway.replay.replay(selection).events == 0)
            selection.phone = PhoneNumber("+15550100001")
            #expect(try await harness.gateway.replay.replay(selection).messages == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `only events of the chosen states are replayed`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("fine", from: "15550100001", id: "wamid.1")])
            try await harness.receive(messages: ["no object"])
            try await harness.gateway.ingest.accept(Array("{broken".utf8))
            for (states, events) in [([.failed], 1), ([.partial, .failed], 2), ([.unrouted], 0)]
                as [(Set<ReplaySelection.State>, Int)]
            {
                var selection = ReplaySelection()
                selection.states = states
                #expect(try await harness.gateway.replay.replay(selection).events == events)
            }
        }
    }
}
