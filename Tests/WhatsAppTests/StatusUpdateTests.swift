import JSON
import Testing

@testable import WhatsApp

@Suite struct StatusUpdateTests {
    @Test func `a failure brings all of Meta's errors`() throws {
        let update = try #require(try WebhookFixtures.statuses("status-failed-two-errors").first)
        #expect(update.errors.map(\.code) == [131053, 131000])
        #expect(update.errors.first?.details == "First reason.")
        #expect(try WebhookFixtures.statuses("status-failed-no-errors").map(\.errors) == [[]])
    }

    @Test func `the parent user id is read under its old name too`() throws {
        for name in ["status-parent-bsuid", "status-parent-bsuid-old-name"] {
            let update = try WebhookFixtures.statuses(name).first
            #expect(update?.recipientParentUserID == "US.ENT.20000000000000000101", "\(name)")
        }
    }

    @Test func `pricing and conversation are kept whole`() throws {
        let update = try #require(try WebhookFixtures.statuses("status-sent-conversation-pmp").first)
        #expect(update.pricing?["category"] == "marketing")
        #expect(update.conversation?["origin"]?["type"] == "marketing")
        let bare = try #require(try WebhookFixtures.statuses("status-sent-bare").first)
        #expect(bare.pricing == nil && bare.conversation == nil)
    }

    @Test func `a thousand statuses are a thousand items in their order`() throws {
        let updates = try WebhookFixtures.statuses("batch-statuses-1000")
        #expect(updates.count == 1000)
        #expect(updates.map(\.recipientID) == (0..<1000).map { "\(15_550_300_000 + $0)" })
    }
}
