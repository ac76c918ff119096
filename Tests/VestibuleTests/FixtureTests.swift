import Foundation
import JSON
import SQL
import Testing

/// Every webhook of the fixtures, posted over HTTP to the built program.
@Suite(.timeLimit(.minutes(10)))
struct FixtureTests {
    @Test func `the table tells of every webhook once`() throws {
        let names = try FixtureFiles.load().webhooks.map(\.name).sorted()
        #expect(names.count == 284)
        #expect(fixtureTable.map(\.file).sorted() == names)
    }

    @Test(arguments: Storage.engines)
    func `every webhook becomes what the table says`(_ storage: Storage) async throws {
        try await Site.runForFixtures(storage) { site, fixtures in
            try await site.stores.withDatabase { database in
                let words = FixtureWords(site: site, database: database)
                for webhook in fixtures.webhooks {
                    try await FixtureDump.clear(database)
                    let answer = try await site.post(webhook)
                    #expect(answer.status == 200 && answer.text == #"{"success":true}"#, "\(webhook.name)")
                    let expected = fixtureTable.first { $0.file == webhook.name }?.becomes
                    #expect(try await words.lines() == expected, "\(webhook.name)")
                    try await Self.checkEvent(webhook, database)
                    try await Self.checkMessages(of: webhook, words)
                }
            }
        }
    }

    /// The body stands in the raw events as it came.
    private static func checkEvent(_ webhook: FixtureFiles.Webhook, _ database: Database) async throws {
        let events = try await database.read { try $0.query("SELECT body, deliveries FROM webhook_events") }
        #expect(events.count == 1, "\(webhook.name)")
        #expect(try events.first?.bytes("body") == webhook.body, "\(webhook.name)")
        #expect(try events.first?.integer("deliveries") == 1, "\(webhook.name)")
    }

    /// Messages bear the wamids of the body, and what is unsupported is kept as it came.
    private static func checkMessages(of webhook: FixtureFiles.Webhook, _ words: FixtureWords) async throws {
        let body = webhook.json
        for room in try await words.rooms() {
            for message in try await words.messages(in: room) {
                if let id = message["whatsappMessageId"] { #expect(body.holds(id), "\(webhook.name)") }
                guard message["type"] == "unsupported" else { continue }
                let raw = try #require(message["unsupported"]?["raw"], "\(webhook.name)")
                #expect(raw.object?.isEmpty == false && body.holds(raw), "\(webhook.name)")
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `statuses and changes reach their messages, whichever comes first`(_ storage: Storage) async throws {
        try await Site.runForFixtures(storage) { site, fixtures in
            try await site.stores.withDatabase { database in
                let words = FixtureWords(site: site, database: database)
                for webhook in fixtures.webhooks {
                    let targets = FixtureTargets(webhook)
                    let expected = fixtureTargetTable.first { $0.file == webhook.name }?.become
                    #expect(targets.ids.isEmpty == (expected == nil), "\(webhook.name)")
                    guard !targets.ids.isEmpty else { continue }
                    let signature = Site.signature(of: targets.body, secret: fixtures.appSecret)
                    for comesFirst in [true, false] {
                        try await FixtureDump.clear(database)
                        if !comesFirst { #expect(try await site.post(webhook).status == 200) }
                        #expect(try await site.postWebhook(targets.body, signature: signature).status == 200)
                        if comesFirst { #expect(try await site.post(webhook).status == 200) }
                        let lines = try await words.lines(of: targets.ids)
                        #expect(lines == expected, "\(webhook.name), known before: \(comesFirst)")
                    }
                }
            }
        }
    }

    @Test(arguments: Storage.engines)
    func `none is lost, and a second time changes nothing`(_ storage: Storage) async throws {
        try await Site.runForFixtures(storage) { site, fixtures in
            try await site.stores.withDatabase { database in
                try await Self.postAll(fixtures, to: site)
                let first = try await FixtureDump(database)
                #expect(!first["whatsapp_messages"].isEmpty && !first["message_statuses"].isEmpty)
                try await Self.checkEvents(of: fixtures, deliveries: 1, database)

                try await Self.postAll(fixtures, to: site)
                let second = try await FixtureDump(database)
                for table in FixtureDump.tables {
                    #expect(Set(second[table]).symmetricDifference(first[table]) == [], "\(table)")
                }
                try await Self.checkEvents(of: fixtures, deliveries: 2, database)
            }
        }
    }

    private static func postAll(_ fixtures: FixtureFiles, to site: Site) async throws {
        for webhook in fixtures.webhooks {
            let answer = try await site.post(webhook)
            #expect(answer.status == 200 && answer.text == #"{"success":true}"#, "\(webhook.name)")
        }
    }

    /// Each body once, byte for byte, in the state that the table's first line tells.
    private static func checkEvents(
        of fixtures: FixtureFiles, deliveries: Int64, _ database: Database
    ) async throws {
        let rows = try await database.read {
            try $0.query("SELECT body, state, deliveries FROM webhook_events")
        }
        let states = Dictionary(
            try rows.map { (try $0.bytes("body"), try $0.text("state")) }, uniquingKeysWith: { "\($0), \($1)" })
        #expect(rows.count == fixtures.webhooks.count && states.count == rows.count)
        #expect(try rows.allSatisfy { try $0.integer("deliveries") == deliveries })
        for webhook in fixtures.webhooks {
            let first = fixtureTable.first { $0.file == webhook.name }?.becomes.first ?? ""
            let told = ["partial", "unrouted", "failed"].first { first.hasPrefix($0 + ": ") } ?? "processed"
            #expect(states[webhook.body] == told, "\(webhook.name)")
        }
    }

    @Test(arguments: Storage.engines)
    func `any order over many connections gives the same messages`(_ storage: Storage) async throws {
        var random = SeededGenerator(seed: UInt64.random(in: 0 ..< .max))
        let seed = random.seed
        let fixtures = try FixtureFiles.load()
        let order = fixtures.webhooks.shuffled(using: &random)
        try await Site.runForFixtures(storage) { site, fixtures in
            try await site.stores.withDatabase { database in
                try await Self.postAll(fixtures, to: site)
                let inOrder = FixtureOutcome(try await FixtureDump(database), fixtures)
                try await FixtureDump.clear(database)

                let queue = FixtureQueue(order)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<16 {
                        group.addTask {
                            while let webhook = queue.next() {
                                let answer = try await site.post(webhook)
                                #expect(answer.status == 200, "\(webhook.name), seed \(seed)")
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let dump = try await FixtureDump(database)
                let shuffled = FixtureOutcome(dump, fixtures)
                #expect(shuffled.messages(unlike: inOrder) == [], "seed \(seed)")
                #expect(shuffled.statuses == inOrder.statuses, "seed \(seed)")
                #expect(shuffled.changes == inOrder.changes, "seed \(seed)")
                #expect(shuffled.conversations == inOrder.conversations, "seed \(seed)")
                #expect(shuffled.gaps == [] && inOrder.gaps == [], "seed \(seed)")
                try await Self.checkEvents(of: fixtures, deliveries: 1, database)
            }
        }
    }
}

extension JSON {
    /// Whether this value stands anywhere in it.
    fileprivate func holds(_ other: JSON) -> Bool {
        if self == other { return true }
        return switch self {
        case .array(let items): items.contains { $0.holds(other) }
        case .object(let object): object.contains { $0.value.holds(other) }
        default: false
        }
    }
}
