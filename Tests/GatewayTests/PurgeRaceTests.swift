import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// The purge beside what reads, writes, sends and replays at the same moment.
@Suite(.timeLimit(.minutes(5))) struct PurgeRaceTests {
    private static let lifetime: Duration = .seconds(10 * 86_400)
    private static let room = RoomName(rawValue: "whatsapp_15550100001")

    /// Messages are kept for ten days and raw events for thirty; the services are still.
    private func run(_ engine: SQLEngine, _ body: @Sendable (Harness) async throws -> Void) async throws {
        try await Harness.run(engine, isServing: false) {
            $0.messageTTLDays = 10
            $0.eventTTLDays = 30
        } _: { harness in
            try await body(harness)
        }
    }

    private func file(_ harness: Harness) async throws -> String {
        let media = harness.gateway.media
        let temporary = media.temporaryPath()
        try Data(Samples.jpeg).write(to: URL(filePath: temporary))
        let row = try await media.adopt(
            temporary, kind: .image, sha256: [1, 2, 3], size: Int64(Samples.jpeg.count), originalName: nil,
            account: .default, isSending: false)
        try await harness.database.transaction { session in try MediaTable.insert(row, session) }
        return row.name
    }

    private func exists(_ name: String, _ harness: Harness) -> Bool {
        FileManager.default.fileExists(atPath: harness.uploads.appending(path: "whatsapp/\(name)").path)
    }

    private func image(_ name: String) throws -> Draft {
        Draft(content: .media(try OutgoingMedia(kind: .image)), mediaURL: MediaName.path(of: name))
    }

    private func count(_ table: String, _ harness: Harness) async throws -> Int64 {
        try await harness.count("SELECT COUNT(*) AS n FROM \(table)")
    }

    @Test(arguments: Engines.all)
    func `a file that a draft takes up again is not purged under it`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let name = try await file(harness)
            harness.clock.advance(by: .seconds(86_400))
            try await harness.store([harness.text("Hi", from: "15550100001", id: "wamid.1")])
            let message = try await harness.message("wamid.1").messageID
            let store = MessageStore(isMirrored: false)
            let now = harness.clock.now
            // The draft's transaction, as far as its commit.
            let draft = HeldTransaction(harness.database) { session in
                #expect(try MediaTable.hold(name, session))
                try store.change(message, at: now, session) {
                    $0.media.url = MediaName.path(of: name)
                    return true
                }
            }
            try await draft.beside { try await harness.gateway.purge.purge() }.get()
            #expect(exists(name, harness))
            #expect(try await harness.gateway.media.open(name: name) != nil)
            try await harness.gateway.purge.purge()
            #expect(exists(name, harness), "from now on it is the message's")
        }
    }

    @Test(arguments: Engines.all)
    func `a draft whose file is being purged is refused, not stored without it`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let name = try await file(harness)
            try await harness.store([harness.text("Hi", from: "15550100001", id: "wamid.1")])
            let purge = HeldTransaction(harness.database) { session in
                try session.execute("DELETE FROM media WHERE name = $1", [.text(name)])
            }
            let outcome = try await purge.beside {
                try await harness.gateway.outbound.submit(image(name), to: .room(Self.room))
            }
            #expect(throws: GatewayError.self) { try outcome.get() }
            #expect(try await harness.history("15550100001").count == 1)
            #expect(try await count("jobs", harness) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `a file that is still on its way to a customer outlives the one who sent it first`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { harness in
            let name = try await file(harness)
            try await harness.store([harness.text("Hi", from: "15550100001", id: "wamid.1")])
            try await harness.change(harness.message("wamid.1").messageID) { $0.media.url = MediaName.path(of: name) }
            harness.clock.advance(by: Self.lifetime - .seconds(3600))
            try await harness.store([harness.text("Hi again", from: "15550100001", id: "wamid.2")])
            _ = try await harness.gateway.outbound.submit(image(name), to: .room(Self.room))
            harness.clock.advance(by: .seconds(3600))
            try await harness.gateway.purge.purge()
            #expect(try await harness.history("15550100001").map(\.sequence) == [2, 3])
            #expect(exists(name, harness))
        }
    }

    @Test(arguments: Engines.all)
    func `a file being read is read to its end`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let name = try await file(harness)
            let stored = try #require(try await harness.gateway.media.open(name: name))
            guard case .file(let path) = stored.content else { throw GatewayError(.notFound, "no file") }
            let reader = try FileHandle(forReadingFrom: URL(filePath: path))
            harness.clock.advance(by: .seconds(86_400))
            try await harness.gateway.purge.purge()
            #expect(!exists(name, harness))
            #expect(try reader.readToEnd().map(Array.init) == Samples.jpeg)
        }
    }

    @Test(arguments: Engines.all)
    func `neither a replay nor Meta's redelivery brings a purged message back`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let untimed: JSON = [
                "from": "15550100001", "id": "wamid.untimed", "type": "text", "text": ["body": "no time"],
            ]
            let image: JSON = ["from": "15550100009", "id": "wamid.image", "type": "image", "image": ["id": "1"]]
            let old = Harness.webhook([
                "messages": [harness.text("old", from: "15550100001", id: "wamid.old"), untimed, image]
            ])
            try await harness.store(webhooks: [old])
            harness.clock.advance(by: .seconds(86_400))
            try await harness.store([harness.text("new", from: "15550100001", id: "wamid.new")])
            harness.clock.advance(by: Self.lifetime - .seconds(86_400))
            let jobs = try await count("jobs", harness)
            for isPurged in [false, true] {
                if isPurged { try await harness.gateway.purge.purge() }
                let before = [
                    try await count("whatsapp_messages", harness), try await count("rooms", harness),
                    try await harness.count("SELECT SUM(last_sequence) AS n FROM rooms"),
                    try await harness.count("SELECT SUM(unread_count) AS n FROM rooms"),
                ]
                #expect(try await harness.gateway.replay.replay(ReplaySelection()).messages == 0)
                try await harness.store(webhooks: [old])
                let after = [
                    try await count("whatsapp_messages", harness), try await count("rooms", harness),
                    try await harness.count("SELECT SUM(last_sequence) AS n FROM rooms"),
                    try await harness.count("SELECT SUM(unread_count) AS n FROM rooms"),
                ]
                #expect(after == before)
            }
            #expect(try await harness.history("15550100001").map(\.text) == ["new"])
            #expect(try await count("jobs", harness) == jobs)
        }
    }

    @Test(arguments: Engines.all)
    func `an old message that comes for the first time is kept until the next purge`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let time = harness.clock.now - 11 * 86_400_000
            try await harness.store([harness.text("late", from: "15550100001", id: "wamid.late", at: time)])
            #expect(try await harness.history("15550100001").map(\.text) == ["late"])
            try await harness.gateway.purge.purge()
            #expect(try await harness.history("15550100001").isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `a raw event that is purged while it is replayed stays away`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let webhook = Harness.webhook([
                "messages": [harness.text("old", from: "15550100001", id: "wamid.old")],
                "statuses": [harness.status("sent", of: "wamid.unknown")],
            ])
            try await harness.store(webhooks: [webhook])
            let taken = ReceivedWebhook(body: webhook.encoded(), receivedAt: harness.clock.now, isReplay: true)
            harness.clock.advance(by: .seconds(30 * 86_400))
            try await harness.gateway.purge.purge()
            #expect(try await count("webhook_events", harness) == 0)
            try await harness.gateway.replay.writer.write([taken])
            #expect(try await count("webhook_events", harness) == 0)
            #expect(try await count("whatsapp_messages", harness) == 0)
            // What the replay noted of others is as old as the event.
            try await harness.gateway.purge.purge()
            #expect(try await count("message_statuses", harness) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `a send whose message was purged ends, and its lane goes on`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([harness.text("Hi", from: "15550100001", id: "wamid.1")])
            let draft = Draft(content: .text(body: "never sent", previewURL: false))
            _ = try await harness.gateway.outbound.submit(draft, to: .room(Self.room))
            harness.clock.advance(by: Self.lifetime)
            try await harness.gateway.purge.purge()
            #expect(try await count("whatsapp_messages", harness) == 0)
            let queue = harness.gateway.jobs.queue
            let job = try #require(try await queue.claim(1).first)
            let verdict = try #require(try await harness.gateway.jobs.handlers[.send]?.run(job))
            guard case .giveUp = verdict else { throw GatewayError(.conflict, "the job goes on: \(verdict)") }
            try await queue.finish(job, verdict)
            try await harness.store([harness.text("Hi again", from: "15550100001", id: "wamid.2")])
            let next = try await harness.gateway.outbound.submit(draft, to: .room(Self.room)).message
            let claimed = try await queue.claim(1)
            #expect(claimed.first?.payload["messageId"]?.string == next.messageID.rawValue)
        }
    }

    @Test(arguments: Engines.all)
    func `media whose message was purged are not fetched`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            let image: JSON = ["from": "15550100001", "id": "wamid.image", "type": "image", "image": ["id": "1"]]
            try await harness.store([image])
            harness.clock.advance(by: Self.lifetime)
            try await harness.gateway.purge.purge()
            let job = try #require(try await harness.gateway.jobs.queue.claim(0, media: 1).first)
            let verdict = try #require(try await harness.gateway.jobs.handlers[.fetchMedia]?.run(job))
            guard case .done = verdict else { throw GatewayError(.conflict, "the job goes on: \(verdict)") }
            #expect(try await count("media", harness) == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `several gateways purge at once, while messages come in`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            for part in 0..<4 {
                try await harness.store(
                    (0..<500).map { harness.text("old", from: "1555010000\($0 % 5)", id: "wamid.\(part).\($0)") })
            }
            for number in 0..<600 {
                try await harness.store(webhooks: [
                    Harness.webhook(["statuses": [harness.status("sent", of: "wamid.unknown.\(number)")]])
                ])
            }
            harness.clock.advance(by: .seconds(30 * 86_400))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await harness.gateway.purge.purge() } }
                group.addTask {
                    for number in 0..<100 {
                        try await harness.store([
                            harness.text("\(number)", from: "1555010000\(number % 5)", id: "wamid.new.\(number)")
                        ])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await count("whatsapp_messages", harness) == 100)
            #expect(try await count("chat_messages", harness) == 100)
            #expect(try await count("message_statuses", harness) == 0)
            #expect(try await count("webhook_events", harness) == 100)
            for customer in 0..<5 {
                let messages = try await harness.history("1555010000\(customer)")
                #expect(messages.map(\.sequence) == (401...420).map { Int64($0) })
                #expect(messages.map(\.text) == (0..<20).map { "\($0 * 5 + customer)" })
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a stop is obeyed between batches`(_ engine: SQLEngine) async throws {
        try await run(engine) { harness in
            try await harness.store([harness.text("old", from: "15550100001", id: "wamid.1")])
            harness.clock.advance(by: Self.lifetime)
            let stop = Flag()
            stop.raise()
            try await harness.gateway.purge.purge(until: stop)
            #expect(try await count("whatsapp_messages", harness) == 1)
        }
    }
}
