import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Two gateways on one database, one storing a message and one a change of it, at the same moment. PostgreSQL only:
/// SQLite has one writer at a time.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Engines.url != nil)) struct ChangeRaceTests {
    private static let customer = SendHarness.customer
    private static let wamid = "wamid.race"

    enum Change: String, CaseIterable {
        case reaction, edit, revoke

        fileprivate var item: JSON {
            var item: JSONObject = [
                "from": .string(ChangeRaceTests.customer), "id": "wamid.change", "timestamp": "1785000010",
                "type": .string(rawValue),
            ]
            let target = JSON.string(ChangeRaceTests.wamid)
            switch self {
            case .reaction: item["reaction"] = ["message_id": target, "emoji": "👍"]
            case .edit:
                item["edit"] = [
                    "original_message_id": target, "message": ["type": "text", "text": ["body": "changed"]],
                ]
            case .revoke: item["revoke"] = ["original_message_id": target]
            }
            return .object(item)
        }

        fileprivate func shows(on message: Message) -> Bool {
            switch self {
            case .reaction: message.reactions.map(\.emoji) == ["👍"]
            case .edit: message.text == "changed" && message.editedAt != nil
            case .revoke: message.deletedAt != nil
            }
        }
    }

    private func ingest(_ change: Change, _ harness: Harness) -> @Sendable (SQLSession) throws -> Void {
        harness.ingestion(of: Harness.webhook(["messages": [change.item]]))
    }

    private func ingestTarget(_ harness: Harness) -> @Sendable (SQLSession) throws -> Void {
        harness.ingestion(
            of: Harness.webhook(["messages": [harness.text("first", from: Self.customer, id: Self.wamid)]]))
    }

    @Test(arguments: Change.allCases)
    func `a change that comes while its message is being stored shows`(_ change: Change) async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.interleave(ingestTarget(harness), ingest(change, harness))
            let message = try await harness.message(Self.wamid)
            #expect(change.shows(on: message))
        }
    }

    @Test(arguments: Change.allCases)
    func `a message that comes while a change of it is being stored shows the change`(_ change: Change) async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.interleave(ingest(change, harness), ingestTarget(harness))
            let message = try await harness.message(Self.wamid)
            #expect(change.shows(on: message))
        }
    }

    @Test(arguments: [true, false])
    func `a reaction to what is being sent shows, whichever is stored first`(_ reactionFirst: Bool) async throws {
        try await SendHarness.run(.postgres, isServing: false) { lab in
            let message = try await lab.submit(lab.text("hello"))
            try await race(
                ingest(.reaction, lab.harness), lab.answer(to: message, wamid: Self.wamid), inOrder: reactionFirst,
                lab.harness)
            let stored = try await lab.harness.message(Self.wamid)
            #expect(Change.reaction.shows(on: stored))
        }
    }

    /// Meta's answer was lost, or comes later: the status tells what became of our message.
    @Test(arguments: [true, false])
    func `a reaction to a message that a status names shows, whichever is stored first`(
        _ reactionFirst: Bool
    ) async throws {
        try await SendHarness.run(.postgres, isServing: false) { lab in
            let message = try await lab.submit(lab.text("hello"))
            var status = try #require(lab.harness.status("delivered", of: Self.wamid).object)
            status["biz_opaque_callback_data"] = .string(message.messageID.rawValue)
            try await race(
                ingest(.reaction, lab.harness),
                lab.harness.ingestion(of: Harness.webhook(["statuses": [.object(status)]])), inOrder: reactionFirst,
                lab.harness)
            let stored = try await lab.harness.message(Self.wamid)
            #expect(Change.reaction.shows(on: stored))
        }
    }

    @Test(arguments: [true, false])
    func `a reaction of ours shows on a message that is being stored, whichever is first`(
        _ reactionFirst: Bool
    ) async throws {
        try await SendHarness.run(.postgres, isServing: false) { lab in
            let content = OutgoingContent.reaction(messageID: Self.wamid, emoji: "👍")
            let reaction = try await lab.submit(Draft(content: content))
            try await race(
                lab.answer(to: reaction, content, wamid: "wamid.ours"), ingestTarget(lab.harness),
                inOrder: reactionFirst, lab.harness)
            let stored = try await lab.harness.message(Self.wamid)
            #expect(Change.reaction.shows(on: stored))
        }
    }

    private func race(
        _ first: @escaping @Sendable (SQLSession) throws -> Void,
        _ second: @escaping @Sendable (SQLSession) throws -> Void, inOrder: Bool, _ harness: Harness
    ) async throws {
        try await inOrder ? harness.interleave(first, second) : harness.interleave(second, first)
    }
}
