import Foundation
import JSON
import SQL
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// What has outlived its time goes, with all that belongs to it; nothing younger does.
@Suite struct PurgeTests {
    private static let lifetime: Duration = .seconds(10 * 86_400)

    /// A gateway that keeps messages for ten days and raw events for thirty, its services still.
    private func run(_ engine: SQLEngine, _ body: @Sendable (Harness) async throws -> Void) async throws {
        try await run(Stage(engine: engine, files: .folder), body)
    }

    private func run(_ stage: Stage, _ body: @Sendable (Harness) async throws -> Void) async throws {
        try await Harness.run(stage, isServing: false) {
            $0.messageTTLDays = 10
            $0.eventTTLDays = 30
        } _: { harness in
            try await body(harness)
        }
    }

    private func purge(_ harness: Harness) async throws { try await harness.gateway.purge.purge() }

    private func ids(_ harness: Harness, in table: String) async throws -> [String] {
        try await harness.database.read { session in
            try session.query("SELECT whatsapp_message_id FROM \(table) ORDER BY whatsapp_message_id").map {
                try $0.text("whatsapp_message_id")
            }
        }
    }

    /// Puts a file into the store, as a fetch does.
    private func file(_ harness: Harness, _ bytes: [UInt8] = Samples.jpeg) async throws -> String {
        let media = harness.gateway.media
        let temporary = media.temporaryPath()
        try Data(bytes).write(to: URL(filePath: temporary))
        let row = try await media.adopt(
            temporary, kind: .image, sha256: [1, 2, 3], size: Int64(bytes.count), originalName: nil, account: .default,
            isSending: false)
        return row.name
    }

    private func show(_ name: String, on wamid: String, _ harness: Harness) async throws {
        try await harness.change(harness.message(wamid).messageID) {
            $0.media.status = .ready
            $0.media.url = MediaName.path(of: name)
        }
    }

    private func stored(_ harness: Harness) async throws -> Set<String> {
        Set(try await harness.files.names())
    }

    @Test(arguments: Engines.all)
    func `a message goes when its time is over, not a millisecond before`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([harness.text("old", from: "15550100001", id: "wamid.old")])
            harness.clock.advance(by: .seconds(86_400))
            try await harness.store([harness.text("new", from: "15550100001", id: "wamid.new")])
            harness.clock.advance(by: Self.lifetime - .seconds(86_400) - .milliseconds(1))
            try await purge(harness)
            #expect(try await ids(harness, in: "whatsapp_messages") == ["wamid.new", "wamid.old"])
            harness.clock.advance(by: .milliseconds(1))
            try await purge(harness)
            #expect(try await ids(harness, in: "whatsapp_messages") == ["wamid.new"])
            #expect(try await ids(harness, in: "chat_messages") == ["wamid.new"])
            #expect(try await harness.history("15550100001").map(\.text) == ["new"])
            // The room goes on where it was.
            try await harness.store([harness.text("next", from: "15550100001", id: "wamid.next")])
            #expect(try await harness.message("wamid.next").sequence == 3)
        }
    }

    @Test(arguments: Engines.all)
    func `more messages than a batch go all at once`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store(
                (0..<1203).map { harness.text("x", from: "1555010\(1000 + $0 % 7)", id: "wamid.\($0)") })
            harness.clock.advance(by: Self.lifetime)
            try await harness.store([harness.text("new", from: "15550101000", id: "wamid.new")])
            try await purge(harness)
            #expect(try await ids(harness, in: "whatsapp_messages") == ["wamid.new"])
            #expect(try await ids(harness, in: "chat_messages") == ["wamid.new"])
        }
    }

    @Test(arguments: Engines.all)
    func `notes and reactions that went out go, too`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, change: { $0.messageTTLDays = 10 }) { lab in
            let note = Draft(content: .text(body: "note", previewURL: false), isPrivate: true)
            _ = try await lab.gateway.outbound.submit(note, to: .room(lab.room))
            let reaction = Draft(content: .reaction(messageID: "wamid.first", emoji: "👍"))
            #expect(try await lab.send(reaction).status == .sent)
            lab.harness.clock.advance(by: Self.lifetime - .milliseconds(1))
            try await lab.gateway.purge.purge()
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM chat_messages") == 2)
            #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 2)
            lab.harness.clock.advance(by: .milliseconds(1))
            try await lab.gateway.purge.purge()
            for table in ["chat_messages", "whatsapp_messages", "message_changes"] {
                #expect(try await lab.harness.count("SELECT COUNT(*) AS n FROM \(table)") == 0, "\(table)")
            }
        }
    }

    @Test(arguments: Engines.all)
    func `statuses and changes go with their message, and those of others stay`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let now = harness.clock.now
            try await harness.store([harness.text("old", from: "15550100001", id: "wamid.old")])
            harness.clock.advance(by: Self.lifetime - .seconds(60))
            try await harness.store([harness.text("new", from: "15550100001", id: "wamid.new")])
            let webhooks = ["wamid.old", "wamid.new"].map { target in
                let change: JSON = [
                    "from": "15550100001", "id": .string("wamid.change.\(target)"), "type": "reaction",
                    "timestamp": .string(String(now / 1000)),
                    "reaction": ["message_id": .string(target), "emoji": "👍"],
                ]
                return Harness.webhook(["messages": [change], "statuses": [harness.status("delivered", of: target)]])
            }
            try await harness.store(webhooks: webhooks)
            harness.clock.advance(by: .seconds(60))
            try await purge(harness)
            #expect(try await ids(harness, in: "message_statuses") == ["wamid.new"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM message_changes") == 1)
            #expect(
                try await harness.count("SELECT COUNT(*) AS n FROM message_changes WHERE target_id = 'wamid.new'") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `what waited in vain for its message goes as old events do`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let change: JSON = [
                "from": "15550100001", "id": "wamid.change", "type": "reaction",
                "reaction": ["message_id": "wamid.never", "emoji": "👍"],
            ]
            try await harness.store(webhooks: [
                Harness.webhook(["messages": [change], "statuses": [harness.status("sent", of: "wamid.never")]])
            ])
            harness.clock.advance(by: .seconds(30 * 86_400) - .milliseconds(1))
            try await purge(harness)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM message_statuses") == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM message_changes") == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 1)
            harness.clock.advance(by: .milliseconds(1))
            try await purge(harness)
            for table in ["message_statuses", "message_changes", "webhook_events"] {
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM \(table)") == 0, "\(table)")
            }
        }
    }

    @Test(arguments: Engines.all)
    func `idempotency keys hold for a day`(_ engine: SQLEngine) async throws {
        try await SendHarness.run(engine, isServing: false) { lab in
            let first = try await lab.submit(lab.text("once"), key: "k")
            lab.harness.clock.advance(by: .seconds(86_400) - .milliseconds(1))
            try await lab.gateway.purge.purge()
            #expect(try await lab.submit(lab.text("once"), key: "k").messageID == first.messageID)
            lab.harness.clock.advance(by: .milliseconds(1))
            try await lab.gateway.purge.purge()
            try await lab.harness.store([lab.harness.text("Hi", from: SendHarness.customer, id: "wamid.again")])
            #expect(try await lab.submit(lab.text("once"), key: "k").messageID != first.messageID)
        }
    }

    @Test(arguments: Engines.all)
    func `dead jobs are kept for a while, open ones for ever`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let clock = harness.clock
            let queue = JobQueue(database: harness.database, clock: Clock { clock.now })
            let now = clock.now
            let jobs = ["dead", "open"].map {
                Job(
                    kind: .fetchMedia, account: .default, lane: $0, position: 0, payload: [:], runAt: now,
                    createdAt: now)
            }
            try await harness.database.transaction { session in try JobQueue.insert(jobs, session) }
            let claimed = try await queue.claim(10)
            let dead = try #require(claimed.first { $0.lane == "dead" })
            try await queue.finish(dead, .giveUp(reason: "no use"))
            try await queue.release(claimed)
            clock.advance(by: .seconds(30 * 86_400) - .milliseconds(1))
            try await purge(harness)
            #expect(try await queue.depths() == ["dead": 1, "open": 1])
            clock.advance(by: .milliseconds(1))
            try await purge(harness)
            #expect(try await queue.depths() == ["open": 1])
        }
    }

    @Test(arguments: Stage.all)
    func `a file goes with the last message that shows it`(_ stage: Stage) async throws {
        try await run(stage) { harness in
            let (shared, own) = (try await file(harness), try await file(harness))
            try await harness.store([
                harness.text("a", from: "15550100001", id: "wamid.a"),
                harness.text("b", from: "15550100001", id: "wamid.b"),
            ])
            try await show(shared, on: "wamid.a", harness)
            try await show(own, on: "wamid.b", harness)
            harness.clock.advance(by: .seconds(86_400))
            try await harness.store([harness.text("c", from: "15550100002", id: "wamid.c")])
            try await show(shared, on: "wamid.c", harness)
            try await purge(harness)
            #expect(try await stored(harness) == [shared, own])
            harness.clock.advance(by: Self.lifetime - .seconds(86_400))
            try await purge(harness)
            #expect(try await stored(harness) == [shared])
            #expect(try await harness.gateway.media.open(name: own) == nil)
            harness.clock.advance(by: .seconds(86_400))
            try await purge(harness)
            #expect(try await stored(harness).isEmpty)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM media") == 0)
        }
    }

    @Test(arguments: Stage.all)
    func `a file that no message shows yet is left alone for a day`(_ stage: Stage) async throws {
        try await run(stage) { harness in
            let name = try await file(harness)
            harness.clock.advance(by: .seconds(86_400) - .milliseconds(1))
            try await purge(harness)
            #expect(try await stored(harness) == [name])
            harness.clock.advance(by: .milliseconds(1))
            try await purge(harness)
            #expect(try await stored(harness).isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `a clock that was set forward removes nothing until it is set back`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([harness.text("kept", from: "15550100001", id: "wamid.kept")])
            let elapsed = Mutex(Duration.zero)
            let purge = PurgeService(
                database: harness.database, store: harness.gateway.media, clock: Clock { harness.clock.now },
                eventLifetime: 30 * .day, signal: Signal(), logger: Engines.logger,
                watch: ClockWatch(Clock { harness.clock.now }) { elapsed.withLock(\.self) })
            harness.clock.advance(by: .seconds(10 * 365 * 86_400))
            try await purge.pass()
            #expect(try await ids(harness, in: "chat_messages") == ["wamid.kept"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 1)
            // The same time, once it has really gone by.
            elapsed.withLock { $0 = .seconds(10 * 365 * 86_400) }
            try await purge.pass()
            #expect(try await ids(harness, in: "chat_messages") == [])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 0)
        }
    }
}
