import SQL
import Testing

@testable import Gateway

/// Two gateways on one database, one storing a message and one the report on it, at the same moment. PostgreSQL only:
/// SQLite has one writer at a time.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Engines.url != nil)) struct StatusRaceTests {
    private static let wamid = "wamid.race"

    private func echo(_ harness: Harness) -> @Sendable (SQLSession) throws -> Void {
        harness.ingestion(of: harness.echo("From our phone", to: "15550100001", id: Self.wamid))
    }

    private func report(_ harness: Harness) -> @Sendable (SQLSession) throws -> Void {
        harness.ingestion(of: Harness.webhook(["statuses": [harness.status("delivered", of: Self.wamid)]]))
    }

    @Test func `a status that comes while its message is being stored is applied`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.interleave(echo(harness), report(harness))
            #expect(try await harness.message(Self.wamid).status == .delivered)
        }
    }

    @Test func `a message that comes while a status of it is being stored takes the status`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.interleave(report(harness), echo(harness))
            #expect(try await harness.message(Self.wamid).status == .delivered)
        }
    }

    /// The status bears no callback data, so nothing but the wamid ties the two together.
    @Test func `a status that comes while the answer to the send is being stored is applied`() async throws {
        try await SendHarness.run(.postgres, isServing: false) { lab in
            let message = try await lab.submit(lab.text("hello"))
            try await lab.harness.interleave(lab.answer(to: message, wamid: Self.wamid), report(lab.harness))
            #expect(try await lab.harness.message(Self.wamid).status == .delivered)
        }
    }
}
