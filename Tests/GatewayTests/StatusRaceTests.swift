import Dispatch
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Two gateways on one database, one storing a message and one the report on it, at the same moment. PostgreSQL only:
/// SQLite has one writer at a time.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Engines.url != nil)) struct StatusRaceTests {
    private static let wamid = "wamid.race"

    private func echo(_ harness: Harness) -> JSON {
        Harness.webhook(
            [
                "message_echoes": [
                    [
                        "from": .string(Harness.businessNumber), "to": "15550100001", "id": .string(Self.wamid),
                        "timestamp": "1785000000", "type": "text", "text": ["body": "From our phone"],
                    ]
                ]
            ], field: "smb_message_echoes")
    }

    private func report(_ harness: Harness) -> JSON {
        Harness.webhook(["statuses": [harness.status("delivered", of: Self.wamid)]])
    }

    /// Does all of a transaction but its commit, and that when `commit` is signalled.
    private func hold(
        _ harness: Harness, written: Gate, commit: DispatchSemaphore,
        _ work: @escaping @Sendable (SQLSession) throws -> Void
    ) async throws {
        try await harness.database.transaction { session in
            try work(session)
            written.open()
            commit.wait()
        }
    }

    private func ingest(_ body: JSON, _ harness: Harness) -> @Sendable (SQLSession) throws -> Void {
        let received = ReceivedWebhook(body: body.encoded(), receivedAt: harness.clock.now)
        let transaction = harness.gateway.ingest.writer.transaction
        let now = harness.clock.now
        return { session in _ = try transaction.run([received], at: now, session) }
    }

    /// Runs the second transaction while the first is not committed, and commits the first once the second waits for it
    /// (or has gone past it).
    private func interleave(
        _ harness: Harness, _ first: @escaping @Sendable (SQLSession) throws -> Void,
        _ second: @escaping @Sendable (SQLSession) throws -> Void
    ) async throws {
        let written = Gate()
        let passed = Gate()
        let commit = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { written.open() }
                try await hold(harness, written: written, commit: commit, first)
            }
            await written.pass()
            group.addTask {
                defer { passed.open() }
                _ = try await harness.gateway.database.transaction(second)
            }
            group.addTask {
                defer { commit.signal() }
                try await harness.wait("the second neither waits nor ends") {
                    guard !passed.isOpen else { return true }
                    return try await harness.gateway.database.read { session in
                        try session.query(
                            """
                            SELECT COUNT(DISTINCT w.pid) AS n FROM pg_locks w
                            WHERE NOT w.granted AND w.pid IN (
                                SELECT l.pid FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
                                WHERE c.relnamespace = CAST(current_schema() AS regnamespace))
                            """
                        ).first?.integer("n") == 1
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `a status that comes while its message is being stored is applied`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await interleave(harness, ingest(echo(harness), harness), ingest(report(harness), harness))
            #expect(try await harness.message(Self.wamid).status == .delivered)
        }
    }

    @Test func `a message that comes while a status of it is being stored takes the status`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await interleave(harness, ingest(report(harness), harness), ingest(echo(harness), harness))
            #expect(try await harness.message(Self.wamid).status == .delivered)
        }
    }

    /// The status bears no callback data, so nothing but the wamid ties the two together.
    @Test func `a status that comes while the answer to the send is being stored is applied`() async throws {
        try await SendHarness.run(.postgres, isServing: false) { lab in
            let harness = lab.harness
            let message = try await lab.submit(lab.text("hello"))
            let store = MessageStore(isMirrored: false)
            let now = harness.clock.now
            let effects = SentEffects(messages: store, now: now)
            let answer: @Sendable (SQLSession) throws -> Void = { session in
                let receipt = SendReceipt(messageID: Self.wamid)
                try effects.prepare(for: receipt, of: message, session)
                try store.change(message.messageID, at: now, session) { message in
                    message.whatsappMessageID = receipt.messageID
                    message.status = .sent
                    try effects.apply(to: &message, nil, session)
                    return true
                }
            }
            try await interleave(harness, answer, ingest(report(harness), harness))
            #expect(try await harness.message(Self.wamid).status == .delivered)
        }
    }
}
