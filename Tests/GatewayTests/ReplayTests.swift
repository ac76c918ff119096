import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite struct ReplayTests {
    private static let tables = [
        "webhook_events", "whatsapp_messages", "chat_messages", "message_statuses", "message_changes", "rooms",
        "contacts", "contact_aliases", "jobs",
    ]

    /// Rows and revisions, which tell whether anything was written.
    private func fingerprint(_ harness: Harness) async throws -> [Int64] {
        var counts: [Int64] = []
        for table in Self.tables { counts.append(try await harness.count("SELECT COUNT(*) AS n FROM \(table)")) }
        counts.append(try await harness.count("SELECT SUM(revision) AS n FROM chat_messages"))
        counts.append(try await harness.count("SELECT SUM(deliveries) AS n FROM webhook_events"))
        counts.append(try await harness.count("SELECT SUM(unread_count) AS n FROM rooms"))
        return counts
    }

    @Test(arguments: Engines.all) func `replaying everything changes nothing`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for number in 0..<250 {
                let phone = "1555010000\(number % 3)"
                try await harness.receive(messages: [harness.text("\(number)", from: phone, id: "wamid.\(number)")])
            }
            try await harness.receive(statuses: [harness.status("read", of: "wamid.unknown")])
            try await harness.gateway.ingest.accept(Array("{broken".utf8))
            let before = try await fingerprint(harness)
            let report = try await harness.gateway.replay.replay(ReplaySelection())
            #expect(report == ReplayReport(events: 252, messages: 0, statuses: 0, failed: 1))
            #expect(try await fingerprint(harness) == before)
        }
    }

    @Test(arguments: Engines.all)
    func `what was lost from the tables comes back from the raw events`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for number in 1...5 {
                let message = harness.text("\(number)", from: "15550100001", id: "wamid.\(number)")
                try await harness.receive(messages: [message])
                harness.clock.advance(by: .seconds(60))
            }
            _ = try await harness.database.transaction { session in
                for table in ["whatsapp_messages", "chat_messages"] {
                    try session.execute("DELETE FROM \(table) WHERE whatsapp_message_id IN ('wamid.2', 'wamid.4')")
                }
            }
            var selection = ReplaySelection()
            selection.since = harness.clock.now - 150_000
            #expect(try await harness.gateway.replay.replay(selection).messages == 1)
            #expect(try await harness.history("15550100001").map(\.text) == ["1", "3", "5", "4"])
            selection.since = nil
            selection.phone = PhoneNumber("+15550100002")
            #expect(try await harness.gateway.replay.replay(selection).events == 0)
            selection.phone = PhoneNumber("+15550100001")
            #expect(try await harness.gateway.replay.replay(selection).messages == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `only events of the chosen states are replayed`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("fine", from: "15550100001", id: "wamid.1")])
            try await harness.receive(messages: ["no object"])
            try await harness.gateway.ingest.accept(Array("{broken".utf8))
            for (states, events) in [([.failed], 1), ([.partial, .failed], 2), ([.unrouted], 0)]
                as [(Set<ReplaySelection.State>, Int)]
            {
                var selection = ReplaySelection()
                selection.states = states
                #expect(try await harness.gateway.replay.replay(selection).events == events)
            }
        }
    }

    @Test(arguments: Engines.all)
    func `a message that could not be understood before takes its right form`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let image: JSON = [
                "from": "15550100001", "id": "wamid.image", "type": "image",
                "image": ["id": "99", "mime_type": "image/jpeg", "caption": "look"], "context": ["id": "wamid.plain"],
            ]
            let odd: JSON = ["from": "15550100001", "id": "wamid.odd", "type": "hologram", "hologram": [:]]
            let webhooks = [
                [harness.text("plain", from: "15550100001", id: "wamid.plain")],
                [harness.text("words", from: "15550100001", id: "wamid.words"), image], [odd], ["no object"],
            ].map { Harness.webhook(["messages": .array($0)]) }
            try await harness.store(webhooks: webhooks)
            let right = try await harness.history("15550100001")
            let edit: JSON = [
                "from": "15550100001", "id": "wamid.edit", "type": "edit", "timestamp": "1785000001",
                "edit": [
                    "original_message_id": "wamid.words", "message": ["type": "text", "text": ["body": "edited"]],
                ],
            ]
            try await harness.store([edit])
            let edited = try await harness.message("wamid.words")
            // An earlier version understood neither texts nor images.
            for id in ["wamid.words", "wamid.image"] {
                try await harness.change(harness.message(id).messageID) { message in
                    message.type = "unsupported"
                    message.extras["unsupported"] = ["reason": "an unknown kind of message"]
                    message.text = nil
                    message.caption = nil
                    message.replyTo = nil
                    message.media = Message.MessageMedia()
                }
            }
            _ = try await harness.database.transaction { session in try session.execute("DELETE FROM jobs") }
            let before = try await fingerprint(harness)

            var selection = ReplaySelection()
            selection.states = [.unsupported]
            let report = try await harness.gateway.replay.replay(selection)
            #expect(report == ReplayReport(events: 3, messages: 0, statuses: 0, changed: 2, failed: 0))
            let after = try await harness.history("15550100001")
            #expect(after.map(\.sequence) == right.map(\.sequence))
            for (message, wanted) in zip(after, right) {
                var message = message
                message.revision = wanted.revision
                message.updatedAt = wanted.updatedAt
                if wanted.whatsappMessageID == "wamid.words" {
                    #expect(message.text == edited.text, "what was changed since stays so")
                    message.text = wanted.text
                    message.editedAt = wanted.editedAt
                }
                #expect(message == wanted)
            }
            let jobs = try await harness.database.read { session in
                try session.query("SELECT kind FROM jobs").map { try $0.text("kind") }
            }
            #expect(jobs == ["fetch_media"])

            // Only the revisions and the job differ, and a second replay finds nothing more to do.
            let now = try await fingerprint(harness)
            #expect(now.count == before.count && now[0] == before[0] && now[1] == before[1])
            let again = try await harness.gateway.replay.replay(selection)
            #expect(again == ReplayReport(events: 2, messages: 0, statuses: 0, changed: 0, failed: 0))
            #expect(try await fingerprint(harness) == now)
        }
    }

    @Test(arguments: Engines.all)
    func `a customer, a time and a state narrow each other`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            for number in 1...6 {
                try await harness.receive(messages: [
                    harness.text("x", from: "1555010000\(number % 2)", id: "wamid.\(number)"),
                    number % 3 == 0 ? "no object" : harness.text("y", from: "15550100007", id: "wamid.y\(number)"),
                ])
                try await harness.receive(statuses: [
                    [
                        "id": .string("wamid.sent.\(number)"), "status": "sent", "recipient_id": "15550100001",
                        "timestamp": .string(String(harness.clock.now / 1000)),
                    ]
                ])
                harness.clock.advance(by: .seconds(60))
            }
            func events(_ change: (inout ReplaySelection) -> Void) async throws -> Int {
                var selection = ReplaySelection()
                change(&selection)
                return try await harness.gateway.replay.replay(selection).events
            }
            let start = harness.clock.now - 360_000
            #expect(try await events { _ in } == 12)
            #expect(try await events { $0.since = start + 60_000 } == 10)
            #expect(try await events { $0.until = start + 60_000 } == 2, "the end is left out")
            #expect(try await events { $0.phone = PhoneNumber("15550100000") } == 3)
            #expect(try await events { $0.phone = PhoneNumber("15550100001") } == 9, "statuses count, too")
            #expect(try await events { $0.states = [.partial] } == 2)
            #expect(try await events { $0.states = [.unsupported] } == 2)
            #expect(
                try await events {
                    $0.states = [.unsupported]
                    $0.phone = PhoneNumber("15550100000")
                    $0.since = start + 180_000
                } == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `replays beside each other and beside new webhooks double nothing`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            func body(_ number: Int) -> JSON {
                Harness.webhook([
                    "messages": [harness.text("\(number)", from: "1555010000\(number % 3)", id: "wamid.\(number)")],
                    "statuses": [harness.status("sent", of: "wamid.out.\(number)")],
                ])
            }
            for number in 0..<60 { try await harness.receive(body(number)) }
            // The tables lost half of it; the raw events have all.
            _ = try await harness.database.transaction { session in
                for table in ["whatsapp_messages", "chat_messages"] {
                    try session.execute("DELETE FROM \(table) WHERE sequence % 2 = 0")
                }
            }
            let reports = try await withThrowingTaskGroup(of: ReplayReport?.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await harness.gateway.replay.replay(ReplaySelection()) }
                }
                for worker in 0..<2 {
                    group.addTask {
                        // Some are new, some are delivered again.
                        for number in stride(from: 30 + worker, to: 120, by: 2) {
                            try await harness.receive(body(number))
                        }
                        return nil
                    }
                }
                return try await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
            }
            #expect(reports.reduce(0) { $0 + $1.messages } <= 30 && reports.allSatisfy { $0.failed == 0 })
            for (table, rows) in [
                ("whatsapp_messages", 120), ("chat_messages", 120), ("message_statuses", 120), ("webhook_events", 120),
                ("rooms", 3),
            ] as [(String, Int64)] {
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM \(table)") == rows, "\(table)")
            }
            #expect(
                try await harness.count("SELECT COUNT(DISTINCT whatsapp_message_id) AS n FROM chat_messages") == 120)
            #expect(try await harness.count("SELECT SUM(deliveries) AS n FROM webhook_events") == 150)
        }
    }

    @Test(arguments: Engines.all)
    func `what comes without time or id is the same when it comes again`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let webhook = Harness.webhook([
                "messages": [
                    ["from": "15550100001", "type": "text", "text": ["body": "anonymous"]],
                    ["from": "15550100001", "type": "reaction", "reaction": ["message_id": "wamid.x", "emoji": "👍"]],
                ],
                "statuses": [
                    ["id": "wamid.out", "status": "sent"], ["id": "wamid.out", "status": "sent"],
                    ["id": "wamid.out", "status": "read"],
                ],
            ])
            let start = harness.clock.now
            for _ in 0..<3 {
                try await harness.receive(webhook)
                harness.clock.advance(by: .seconds(60))
                #expect(try await harness.gateway.replay.replay(ReplaySelection()).statuses == 0)
            }
            for (table, rows) in [("chat_messages", 1), ("message_changes", 1), ("message_statuses", 2)] {
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM \(table)") == Int64(rows), "\(table)")
            }
            #expect(try await harness.count("SELECT MAX(timestamp) AS n FROM message_statuses") == start)
        }
    }
}
