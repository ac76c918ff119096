import JSON
import Testing

@testable import WhatsApp

@Suite struct WebhookRoutingTests {
    @Test func `each item names the account and the number it belongs to`() throws {
        let numbers = try WebhookFixtures.webhook("batch-two-phone-numbers").items
        #expect(numbers.map(\.phoneNumberID) == ["200000000000101", "200000000000102"])
        #expect(numbers.map(\.displayPhoneNumber) == ["15550200001", "15550200002"])
        #expect(numbers.map(\.businessAccountID) == ["100000000000101", "100000000000101"])
        let accounts = try WebhookFixtures.webhook("batch-two-wabas").items
        #expect(accounts.map(\.businessAccountID) == ["100000000000101", "100000000000202"])
        #expect(accounts.map(\.phoneNumberID) == ["200000000000101", "200000000000203"])
    }

    @Test func `ids that came as numbers are text`() throws {
        let item = try #require(try WebhookFixtures.webhook("message-numeric-scalars").items.first)
        #expect(item.phoneNumberID == "200000000000101")
        #expect(item.incomingMessage?.from == "15550100001")
    }

    @Test func `the display number is digits, however it is written, or absent`() throws {
        func display(_ name: String) throws -> [String?] {
            try WebhookFixtures.webhook(name).items.map(\.displayPhoneNumber)
        }
        #expect(try display("message-display-number-formatted") == ["15550200001"])
        #expect(try display("message-minimal-metadata") == [nil])
        #expect(try display("phone-number-quality-update-upgrade") == ["15550200001"])
    }

    @Test func `account-level items name no number id`() throws {
        let item = try #require(try WebhookFixtures.webhook("account-update-disabled").items.first)
        #expect(item.phoneNumberID == nil)
        #expect(item.field == "account_update")
    }

    @Test func `a webhook without its object's name is read all the same`() {
        let body: JSON = ["entry": [["changes": [["field": "security", "value": ["event": "PIN_CHANGED"]]]]]]
        let webhook = Webhook.parse(body.encoded())
        #expect(webhook.problem == nil)
        #expect(webhook.items.map { ItemWords.of($0) } == ["notice security PIN_CHANGED"])
    }

    @Test func `a broken part of the envelope is kept beside the whole ones`() {
        let fine: JSON = ["field": "security", "value": ["event": "PIN_CHANGED"]]
        let body: JSON = [
            "object": "whatsapp_business_account",
            "entry": [
                7, ["id": "1"], ["id": "2", "changes": [.null, ["field": "messages"], ["value": ["a": 1]], fine]],
            ],
        ]
        #expect(
            ItemWords.of(Webhook.parse(body.encoded())) == [
                "unsupported: an entry that is no object",
                "unsupported: an entry whose `changes` is not an array",
                "unsupported: a change that is no object",
                "unsupported: a change whose `value` is no object",
                "unsupported: a change without a `field`",
                "notice security PIN_CHANGED",
            ])
    }

    @Test func `something new under a known field is not dropped`() {
        #expect(
            ItemWords.of(parseChange(["poems": [1]])) == ["unsupported: nothing known beside `poems`"])
        #expect(ItemWords.of(parseChange(["poems": .null, "messages": []])) == [])
    }

    @Test func `a list of the wrong type is kept, an absent or null one is nothing`() {
        for key in ["messages", "statuses"] {
            #expect(
                ItemWords.of(parseChange([key: "text"])) == ["unsupported: `\(key)` is not an array"])
            #expect(
                ItemWords.of(parseChange([key: [1, []]]))
                    == Array(repeating: "unsupported: an item of `\(key)` that is no object", count: 2))
            #expect(ItemWords.of(parseChange([key: .null])) == [])
        }
        #expect(ItemWords.of(parseChange(["errors": [1]])) == ["unsupported: `errors` that are no objects"])
        #expect(ItemWords.of(parseChange(["errors": []])) == [])
    }

    @Test func `a status without its ids is kept as it came`() {
        let webhook = parseChange([
            "statuses": [["status": "sent"], ["id": "wamid.1"], ["id": "wamid.2", "status": "read"]]
        ])
        #expect(
            ItemWords.of(webhook) == [
                "unsupported: an item of `statuses` without its ids",
                "unsupported: an item of `statuses` without its ids",
                "status read →",
            ])
    }
}
