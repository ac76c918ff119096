import Foundation
import JSON
import Mongo
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite(.enabled(if: MirrorLab.isExpected, MirrorLab.hint), .timeLimit(.minutes(10)))
struct MirrorTests {
    /// One of many kinds of message, so that every field is compared.
    private static func kinds(_ harness: Harness) -> [JSON] {
        [
            harness.text("a \u{0} b \u{1F642} \u{2028}", from: "15550100001", id: "wamid.text"),
            [
                "from": "15550100001", "id": "wamid.place", "type": "location",
                "location": ["latitude": 50.5, "longitude": -7.25, "name": "Here", "address": "There 1"],
                "context": ["id": "wamid.text", "forwarded": true],
            ],
            [
                "from": "15550100001", "id": "wamid.order", "type": "order",
                "order": ["catalog_id": "1", "product_items": [["item_price": 12.5, "quantity": 2]], "text": "all"],
            ],
            [
                "from": "15550100001", "id": "wamid.reply", "type": "interactive",
                "interactive": ["type": "button_reply", "button_reply": ["id": "1", "title": "Yes"]],
            ],
            [
                "from": "15550100001", "id": "wamid.cards", "type": "contacts",
                "contacts": [["name": ["formatted_name": "Ann"], "phones": [["phone": "+1"]]]],
            ],
            ["from": "15550100001", "id": "wamid.odd", "type": "hologram", "hologram": ["$set": ["a.b": .null]]],
            [
                "from": "15550100001", "id": "wamid.voice", "type": "audio",
                "audio": ["mime_type": "audio/ogg", "voice": true],
            ],
            [
                "from": "15550100001", "id": "wamid.reaction", "type": "reaction",
                "reaction": ["message_id": "wamid.text", "emoji": "👍"],
            ],
        ]
    }

    @Test(arguments: Engines.all)
    func `both collections hold what SQL holds, field by field`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            try await lab.harness.receive(messages: Self.kinds(lab.harness))
            let note = Draft(
                content: .text(body: "note", previewURL: false), metadata: ["a": [1, 2.5, true, .null]],
                sender: Draft.Sender(id: "7", name: "Ann", type: "agent"), isPrivate: true)
            let room = RoomName(rawValue: "whatsapp_15550100001")
            _ = try await lab.harness.gateway.outbound.submit(note, to: .room(room))
            let reaction = Draft(content: .reaction(messageID: "wamid.text", emoji: "🎉"))
            _ = try await lab.harness.gateway.outbound.submit(reaction, to: .room(room))
            _ = try await lab.harness.gateway.rooms.markRead(room)
            try await lab.level()
            try await lab.expectEqual()
            #expect(try await lab.documents(.whatsappMessages).count == 8, "no note, but the reaction that goes out")
            #expect(try await lab.documents(.chatMessages).count == 8, "the note, and no reaction")
            let text = try await lab.mongo.find(in: "chatMessages", filter: ["whatsappMessageId": "wamid.text"])
            #expect(text.first?["reactions"]?.array?.count == 1)
            #expect(text.first?["status"] == "read")
        }
    }

    @Test(arguments: Engines.all)
    func `the indexes are made on connection: expiry, identity, room and phone`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            try await lab.harness.receive(messages: [lab.harness.text("x", from: "15550100001", id: "wamid.x")])
            try await lab.level()
            for collection in MirrorCollection.allCases {
                let indexes = try await lab.indexes(of: collection)
                let byKey = Dictionary(uniqueKeysWithValues: indexes.map { ($0.keys.joined(separator: " "), $0) })
                #expect(byKey["expiresAt"]?.expireAfterSeconds == 0)
                #expect(byKey["messageId"]?.isUnique == true)
                #expect(byKey["roomName sequence"] != nil)
                #expect((byKey["phoneNumber timestamp"] != nil) == (collection == .whatsappMessages))
                #expect((byKey["whatsappMessageId"] != nil) == (collection == .whatsappMessages))
            }
            // A second start finds them and is content.
            try await lab.mirror.prepare()
            #expect(try await lab.indexes(of: .chatMessages).count == 3)
        }
    }

    @Test(arguments: Engines.all)
    func `a MongoDB that is away from the start delays the copy and loses nothing`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isUp: false, patience: 1) { lab in
            try await lab.harness.receive(messages: Self.kinds(lab.harness))
            try await lab.harness.wait("nobody tries") { lab.proxy.refused > 0 }
            #expect(try await lab.harness.history("15550100001").count == 7, "the room goes on meanwhile")
            #expect(try await lab.waiting == 14)
            let states = await lab.harness.gateway.readiness()
            #expect(states.first { $0.name == "mongodb" }?.ok == false)
            #expect(states.first { $0.name == "database" }?.ok == true)
            lab.proxy.up()
            try await lab.level()
            try await lab.expectEqual()
        }
    }

    @Test(arguments: Engines.all)
    func `an outage in between delays the copy and loses nothing`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, patience: 1) { lab in
            for round in 0..<3 {
                try await lab.harness.receive(
                    messages: (0..<20).map {
                        lab.harness.text("\(round)", from: "1555010000\($0 % 4)", id: "wamid.\(round).\($0)")
                    })
                try await lab.level()
                lab.proxy.down()
                try await lab.harness.receive(
                    messages: (20..<40).map {
                        lab.harness.text("\(round)", from: "1555010000\($0 % 4)", id: "wamid.\(round).\($0)")
                    })
                _ = try await lab.harness.gateway.rooms.markRead(RoomName(rawValue: "whatsapp_15550100001"))
                #expect(try await lab.waiting > 0)
                lab.proxy.up()
            }
            try await lab.level()
            try await lab.expectEqual()
            #expect(try await lab.documents(.chatMessages).count == 120)
        }
    }

    @Test(arguments: Engines.all)
    func `changes that overtake each other end in the newest`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            try await lab.harness.receive(
                messages: (0..<10).map { lab.harness.text("0", from: "15550100001", id: "wamid.\($0)") })
            let ids = try await lab.messages().map(\.messageID)
            // Other gateways drain the same outbox at the same time.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        while try await lab.waiting > 0 { _ = try await lab.mirror.drain() }
                    }
                }
                for writer in 0..<4 {
                    group.addTask {
                        for round in 1...10 {
                            try await lab.harness.change(ids[(writer * 3 + round) % ids.count]) {
                                $0.text = "\(writer).\(round)"
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await lab.level()
            try await lab.expectEqual()
        }
    }

    @Test(arguments: Engines.all)
    func `a copier that was slow takes no newer change with it`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("first", from: "15550100001", id: "wamid.x")])
            let id = try await lab.harness.message("wamid.x").messageID
            let slow = try await lab.mirror.take()
            #expect(slow.count == 2)
            #expect(try await lab.mirror.take().isEmpty, "what one has taken up, others leave")
            // Its claim is over; somebody else copies, and then the message changes.
            lab.harness.clock.advance(by: .seconds(31))
            #expect(try await lab.mirror.drain() == 2)
            try await lab.harness.change(id) { $0.text = "second" }
            try await lab.mirror.finish(slow, [:])
            #expect(try await lab.waiting == 2)
            #expect(try await lab.mirror.drain() == 2)
            try await lab.expectEqual()
            #expect(try await lab.documents(.chatMessages).first?["text"] == "second")
        }
    }

    @Test(arguments: Engines.all)
    func `a document that MongoDB refuses is set aside and the rest goes on`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            // Deeper than MongoDB nests documents.
            let deep = (0..<110).reduce(JSON.string("deep")) { inner, _ in ["d": inner] }
            let draft = Draft(content: .text(body: "poison", previewURL: false), metadata: deep)
            try await lab.harness.store([lab.harness.text("before", from: "15550100001", id: "wamid.1")])
            let room = RoomName(rawValue: "whatsapp_15550100001")
            let poison = try await lab.harness.gateway.outbound.submit(draft, to: .room(room)).message.messageID
            try await lab.harness.store([lab.harness.text("after", from: "15550100001", id: "wamid.2")])
            #expect(try await lab.mirror.drain() == 6)
            #expect(Set(try await lab.documents(.whatsappMessages).map { $0["text"]?.string }) == ["before", "after"])
            #expect(Set(try await lab.documents(.chatMessages).map { $0["text"]?.string }) == ["before", "after"])
            #expect(try await lab.waiting == 2)
            let sql = "SELECT COUNT(*) AS n FROM mirror_outbox WHERE failures = 1 AND last_error IS NOT NULL"
            #expect(try await lab.harness.count(sql) == 2)
            let counters = try lab.mirror.counters
            #expect(counters.copied.value == 4 && counters.failed.value == 2)
            #expect(try await lab.mirror.drain() == 0, "it is left alone for a while")
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await lab.mirror.drain() == 2, "and tried again")
            lab.harness.clock.advance(by: .seconds(10))
            #expect(try await lab.mirror.drain() == 0, "at growing intervals")
            // Once the message changes it is tried at once.
            try await lab.harness.change(poison) { $0.metadata = nil }
            #expect(try await lab.mirror.drain() == 2)
            #expect(try await lab.waiting == 0)
            try await lab.expectEqual()
        }
    }

    @Test(arguments: Engines.all)
    func `the mark of a message that was purged vanishes`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("x", from: "15550100001", id: "wamid.x")])
            lab.harness.clock.advance(by: .seconds(1825 * 86_400))
            try await lab.harness.gateway.purge.purge()
            #expect(try await lab.messages().isEmpty)
            #expect(try await lab.waiting == 2)
            #expect(try await lab.mirror.drain() == 2)
            #expect(try await lab.waiting == 0)
            #expect(try await lab.documents(.chatMessages).isEmpty)
        }
    }

    @Test(arguments: Engines.all)
    func `the lag is the age of the oldest change that waits`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            try await lab.harness.store([lab.harness.text("x", from: "15550100001", id: "wamid.x")])
            lab.harness.clock.advance(by: .seconds(60))
            #expect(try await lab.mirror.lag() == (2, 60))
            _ = try await lab.mirror.drain()
            #expect(try await lab.mirror.lag() == (0, 0))
            // A message that is an hour old is changed now: the copy lags since now, not since an hour.
            lab.harness.clock.advance(by: .seconds(3600))
            _ = try await lab.harness.gateway.rooms.markRead(RoomName(rawValue: "whatsapp_15550100001"))
            lab.harness.clock.advance(by: .seconds(5))
            #expect(try await lab.mirror.lag() == (2, 5))
            // Another change does not make the first any younger.
            try await lab.harness.change(lab.harness.message("wamid.x").messageID) { $0.text = "y" }
            lab.harness.clock.advance(by: .seconds(5))
            #expect(try await lab.mirror.lag() == (2, 10))
        }
    }

    @Test(arguments: Engines.all)
    func `more than a batch is copied`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            try await lab.harness.receive(
                messages: (0..<700).map { lab.harness.text("\($0)", from: "15550100001", id: "wamid.\($0)") })
            try await lab.level()
            #expect(try await lab.mongo.count(in: "chatMessages") == 700)
            #expect(try await lab.mongo.count(in: "whatsappMessages") == 700)
        }
    }

    @Test(arguments: Engines.all)
    func `without a MongoDB nothing is marked`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("x", from: "15550100001", id: "wamid.x")])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM mirror_outbox") == 0)
        }
    }
}
