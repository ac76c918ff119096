import Testing

@testable import WhatsApp

@Suite struct WebhookFixtureTests {
    @Test(arguments: webhookFixtures.map(\.file))
    func `each webhook gives the items of the table`(file: String) throws {
        let expected = try #require(webhookFixtures.first { $0.file == file })
        #expect(ItemWords.of(try WebhookFixtures.webhook(file)) == expected.items)
    }

    @Test func `the table has every webhook once`() throws {
        let names = try WebhookFixtures.names()
        #expect(names.count == 284)
        #expect(names == webhookFixtures.map(\.file).sorted())
    }

    @Test func `only a body without entries has a problem`() throws {
        for name in try WebhookFixtures.names() {
            let problem = try WebhookFixtures.webhook(name).problem
            #expect(problem == (name == "batch-entry-object" ? "`entry` is not an array" : nil), "\(name)")
        }
    }

    @Test func `every item keeps what Meta sent`() throws {
        for name in try WebhookFixtures.names() {
            for item in try WebhookFixtures.webhook(name).items {
                switch item.content {
                case .message(let message, _), .echo(let message, _), .history(let message, _, _):
                    #expect(message.raw.object?.isEmpty == false, "\(name)")
                case .status(let update, _): #expect(update.raw["id"]?.string == update.id, "\(name)")
                case .call(let call): #expect(call.raw["id"]?.string == call.id, "\(name)")
                case .notice(let value): #expect(value.object?.isEmpty == false, "\(name)")
                case .unsupported(_, let raw): #expect(!raw.isNull, "\(name)")
                case .identityChange(let change): #expect(change.raw["user_id"] != nil, "\(name)")
                case .contactSync, .errors: break
                }
            }
        }
    }

    @Test func `times are milliseconds, whether they came as string or number`() throws {
        #expect(try WebhookFixtures.messages("message-text").map(\.timestamp) == [1_785_000_007_000])
        #expect(try WebhookFixtures.messages("message-numeric-scalars").map(\.timestamp) == [1_785_000_005_000])
        #expect(try WebhookFixtures.messages("message-old-timestamp").map(\.timestamp) == [1_784_481_600_000])
        #expect(try WebhookFixtures.statuses("status-sent").map(\.timestamp) == [1_785_000_721_000])
        #expect(try WebhookFixtures.messages("batch-one-broken-item").last?.timestamp == nil)
    }

    @Test func `long and outlandish texts arrive whole`() throws {
        func text(_ name: String) throws -> String? {
            guard case .text(let text) = try WebhookFixtures.messages(name).first?.content else { return nil }
            return text
        }
        #expect(try text("message-text-4096")?.unicodeScalars.count == 4096)
        #expect(try text("message-text-ascii-escaped")?.hasSuffix("& \"quote\" user@example.test") == true)
        #expect(try text("message-text-multiline")?.contains("\u{2028}line separator\n") == true)
        #expect(try text("message-text-control-characters") == "nul:\u{FFFD} bell:\u{7} esc:\u{1B}[31m del:\u{7F} end")
    }
}
