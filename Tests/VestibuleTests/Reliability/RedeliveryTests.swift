import Foundation
import JSON
import SQL
import Synchronization
import Testing

/// Meta delivers at least once and in no order: each webhook one to five times, shuffled within a window, over 64
/// connections at once. What is stored then is what one clean delivery stores.
@Suite(.serialized, .timeLimit(.minutes(30))) struct RedeliveryTests {
    private static let connections = 64
    private static let window = 200
    /// Of the made-up traffic, beside the fixtures.
    private static let webhooks = Scale.modelRuns >= 1000 ? 8000 : 150

    @Test(arguments: Storage.available)
    func `repeated and shuffled webhooks lead to what a clean delivery leads to`(_ storage: Storage) async throws {
        var random = SeededGenerator(seed: UInt64.random(in: 1...1_000_000))
        let seed = random.seed
        print("redelivery on \(storage.testDescription): seed \(seed)")
        let fixtures = try FixtureFiles.load()
        var bodies = RedeliveryTraffic(Self.webhooks, using: &random).webhooks
        for webhook in fixtures.webhooks {
            bodies.insert(webhook.body, at: Int.random(in: 0...bodies.count, using: &random))
        }
        let clean = Array(bodies.indices)
        // A copy comes at most a window after its place.
        let shuffled = bodies.indices.flatMap { index in
            (0..<Int.random(in: 1...5, using: &random)).map { _ in
                (index: index, place: index + Int.random(in: 0..<Self.window, using: &random))
            }
        }.shuffled(using: &random).sorted { $0.place < $1.place }.map(\.index)

        let once = try await Self.outcome(storage, bodies, clean, connections: 1, seed)
        let start = ContinuousClock.now
        let often = try await Self.outcome(storage, bodies, shuffled, connections: Self.connections, seed)
        let time = start.duration(to: .now)

        #expect(often.ours.events == once.ours.events, "seed \(seed)")
        #expect(often.ours.statuses == once.ours.statuses, "seed \(seed)")
        #expect(often.ours.changes == once.ours.changes, "seed \(seed)")
        #expect(often.ours.rooms == once.ours.rooms, "seed \(seed)")
        #expect(often.ours.contacts == once.ours.contacts, "seed \(seed)")
        #expect(often.ours.jobs == once.ours.jobs, "seed \(seed)")
        for (wamid, rows) in once.ours.messages where often.ours.messages[wamid] != rows {
            Issue.record("\(wamid): \(often.ours.messages[wamid] ?? []) instead of \(rows), seed \(seed)")
        }
        #expect(often.ours.messages.count == once.ours.messages.count, "seed \(seed)")
        #expect(often.ours.documents == once.ours.documents, "seed \(seed)")
        // The fixtures' customers become known in several ways, so their rooms' names follow the order.
        #expect(often.all.messages(unlike: once.all) == [], "seed \(seed)")
        #expect(often.all.conversations == once.all.conversations, "seed \(seed)")
        #expect(often.all.gaps == [] && once.all.gaps == [], "seed \(seed)")
        try Figures.record(
            "Redelivery: against one clean delivery",
            [
                "Storage": storage.testDescription, "Webhooks": "\(bodies.count)", "Deliveries": "\(shuffled.count)",
                "Connections": "\(Self.connections)", "Fields that differ": "0", "Time": Figures.time(time),
            ])
    }

    private static func outcome(
        _ storage: Storage, _ bodies: [[UInt8]], _ order: [Int], connections: Int, _ seed: UInt64
    ) async throws -> (ours: RedeliveryOutcome, all: FixtureOutcome) {
        let result = Mutex<(RedeliveryOutcome, FixtureOutcome)?>(nil)
        try await Site.runForFixtures(storage) { site, fixtures in
            let post = RedeliveryPost(bodies, in: order, secret: fixtures.appSecret)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<connections {
                    group.addTask {
                        while let (index, way) = post.next() {
                            let answer = try await site.postWebhook(way.body, signature: way.signature)
                            #expect(answer.status == 200, "seed \(seed)")
                            post.acknowledged(index)
                        }
                    }
                }
                try await group.waitForAll()
            }
            if site.stores.mongoURI != nil {
                try await eventually("the mirror is level", within: .seconds(60)) {
                    try await site.stores.count("SELECT COUNT(*) AS n FROM mirror_outbox") == 0 ? true : nil
                }
            }
            try await checkDeliveries(post.ways, site)
            try await checkOrder(post.ways, site)
            try await checkTables(site)
            let ours = try await RedeliveryOutcome.take(site)
            let all = try await site.stores.withDatabase { FixtureOutcome(try await FixtureDump($0), fixtures) }
            result.withLock { $0 = (ours, all) }
        }
        return try #require(result.withLock { $0 })
    }

    /// Each body stands once among the raw events, with as many deliveries as there were.
    private static func checkDeliveries(_ ways: [RedeliveryPost.Way], _ site: Site) async throws {
        let rows = try await site.stores.rows("SELECT body, deliveries FROM webhook_events")
        let wanted = Dictionary(ways.map { ($0.body, $0.deliveries) }, uniquingKeysWith: +)
        #expect(rows.count == wanted.count)
        for row in rows {
            let body = try row.bytes("body")
            #expect(
                try row.integer("deliveries") == Int64(wanted[body] ?? 0), "\(String(decoding: body, as: UTF8.self))")
        }
    }

    /// A message that was acknowledged before another was first sent stands before it in their room.
    private static func checkOrder(_ ways: [RedeliveryPost.Way], _ site: Site) async throws {
        var first: [String: (sent: ContinuousClock.Instant, acknowledged: ContinuousClock.Instant)] = [:]
        for way in ways {
            guard let sent = way.sent, let acknowledged = way.acknowledged, let json = try? JSON(parsing: way.body)
            else { continue }  // of the fixtures one is no JSON, and holds no message
            let values = (json["entry"]?.array ?? []).flatMap { $0["changes"]?.array ?? [] }.compactMap { $0["value"] }
            for item in values.flatMap({ ($0["messages"]?.array ?? []) + ($0["message_echoes"]?.array ?? []) }) {
                guard let id = item["id"]?.string, id.hasPrefix("wamid.in.") || id.hasPrefix("wamid.echo.") else {
                    continue
                }
                first[id] = (sent, acknowledged)
            }
        }
        let rows = try await site.stores.rows(
            "SELECT room_name, whatsapp_message_id FROM chat_messages ORDER BY room_name, sequence")
        var room = ""
        // When the last of those that stand before was first sent.
        var latest: ContinuousClock.Instant?
        var looked = 0
        for row in rows {
            guard let id = try row.textOrNil("whatsapp_message_id"), let times = first[id] else { continue }
            let name = try row.text("room_name")
            if name != room { (room, latest) = (name, nil) }
            looked += 1
            if let latest, times.acknowledged < latest {
                Issue.record("\(id) in \(name) stands behind a message that was first sent after it was answered")
            }
            latest = max(latest ?? times.sent, times.sent)
        }
        #expect(looked > 0)
    }

    /// A table that is new is to be compared, too, or to be named here.
    private static func checkTables(_ site: Site) async throws {
        let names =
            site.stores.environment["DATABASE_URL"] == nil
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            : "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
        let found = Set(try await site.stores.rows(names).map { try $0.text("name") })
        let others: Set<String> = [
            // Not written by webhooks.
            "schema_migrations", "tenant_whatsapp_config", "idempotency_keys", "media", "media_uploads",
            "send_limits", "job_pauses", "gateway_secrets", "media_renditions", "media_lookups", "room_tickets",
            "erased_messages", "erased_people", "livekit_rooms", "livekit_participants", "event_cursors",
            "webhook_endpoints", "webhook_deliveries", "room_tags",
            // What happened, in the order in which it did: a status that comes early is told of with another one.
            "events", "event_counter",
            // Empty once the mirror is level.
            "mirror_outbox",
        ]
        // The index of words follows from the messages and comes after them.
        let compared = found.filter { !$0.hasPrefix("search_") }
        #expect(compared.subtracting(RedeliveryOutcome.tables).subtracting(others) == [])
    }
}
