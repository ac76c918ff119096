import JSON
import Mongo
import SQL
import Testing

@testable import Gateway

@Suite(.enabled(if: MirrorLab.isExpected, MirrorLab.hint)) struct ReconcileTests {
    @Test(arguments: Engines.all)
    func `what differs is named by room and mended`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            for room in 1...3 {
                try await harness.store(
                    (1...4).map { harness.text("x", from: "1555010000\(room)", id: "wamid.\(room).\($0)") })
            }
            let service = try #require(harness.gateway.reconcile)
            #expect(try await service.reconcile(repairing: true).differences.count == 6, "nothing was copied yet")
            #expect(try await service.reconcile(repairing: false).isLevel)

            let copies = try await lab.documents(.chatMessages)
            let gone = try #require(copies.first { $0["roomName"]?.string == "whatsapp_15550100001" })
            _ = try await lab.mongo.delete(ids: [#require(gone["_id"]?.string)], from: "chatMessages")
            var strange = try #require(copies.last)
            strange["_id"] = "ffffffff-0000-7000-8000-000000000000"
            strange["messageId"] = "ffffffff-0000-7000-8000-000000000000"
            strange["roomName"] = "whatsapp_nobody"
            _ = try await lab.mongo.upsertNewest([strange], into: "chatMessages")
            _ = try await harness.database.transaction { session in
                try session.execute(
                    "UPDATE whatsapp_messages SET revision = revision + 1 WHERE whatsapp_message_id = 'wamid.2.1'")
            }

            let dry = try await service.reconcile(repairing: false)
            let expected: Set<RoomDifference> = [
                RoomDifference(collection: "chatMessages", room: "whatsapp_15550100001", missing: 1),
                RoomDifference(collection: "chatMessages", room: "whatsapp_nobody", surplus: 1),
                RoomDifference(collection: "whatsappMessages", room: "whatsapp_15550100002", stale: 1),
            ]
            #expect(Set(dry.differences) == expected)
            #expect(dry.compared == 24)
            #expect(try await lab.documents(.chatMessages).count == 12, "a look alone changes nothing")

            #expect(Set(try await service.reconcile(repairing: true).differences) == expected)
            let after = try await lab.documents(.chatMessages)
            #expect(after.count == 12)
            #expect(after.contains { $0["_id"] == gone["_id"] })
            #expect(!after.contains { $0["_id"] == strange["_id"] })
        }
    }

    @Test(arguments: Engines.all)
    func `pages meet without a gap`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            for part in 0..<5 {
                try await harness.store(
                    (0..<450).map { harness.text("x", from: "15550100001", id: "wamid.\(part).\($0)") })
            }
            let service = try #require(harness.gateway.reconcile)
            #expect(try await service.reconcile(repairing: true).compared == 4500)
            #expect(try await service.reconcile(repairing: false).isLevel)
            #expect(try await lab.documents(.whatsappMessages).count == 2250)
        }
    }

    @Test(arguments: Engines.all)
    func `what MongoDB refuses is named by room, tried again, and stops nothing`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            let room = RoomName(rawValue: "whatsapp_15550100001")
            try await harness.store([harness.text("before", from: "15550100001", id: "wamid.1")])
            // Deeper than MongoDB nests documents.
            let deep = (0..<110).reduce(JSON.string("deep")) { inner, _ in ["d": inner] }
            let draft = Draft(content: .text(body: "poison", previewURL: false), metadata: deep)
            let poison = try await harness.gateway.outbound.submit(draft, to: .room(room)).message.messageID
            try await harness.store([harness.text("after", from: "15550100002", id: "wamid.2")])
            let service = try #require(harness.gateway.reconcile)
            let report = try await service.reconcile(repairing: true)
            #expect(report.refused.map(\.collection) == ["chatMessages", "whatsappMessages"])
            #expect(report.refused.allSatisfy { $0.room == room.rawValue && $0.id == poison.rawValue })
            #expect(report.refused.allSatisfy { !$0.reason.isEmpty && $0.failures == 1 })
            #expect(try await lab.documents(.chatMessages).count == 2, "the others are level")

            let look = try await service.reconcile(repairing: false)
            #expect(!look.isLevel)
            #expect(look.refused == report.refused, "a look alone tries nothing")
            #expect(look.differences.map(\.missing) == [1, 1])
            #expect(try await service.reconcile(repairing: true).refused.map(\.failures) == [2, 2])

            try await harness.change(poison) { $0.metadata = nil }
            #expect(try await service.reconcile(repairing: true).refused.isEmpty)
            #expect(try await service.reconcile(repairing: false).isLevel)
            try await lab.expectEqual()
        }
    }

    @Test(arguments: Engines.all)
    func `copies that are ahead of a restored database are put back`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            try await harness.store([harness.text("as it was", from: "15550100001", id: "wamid.1")])
            let id = try await harness.message("wamid.1").messageID
            for text in ["later", "latest"] { try await harness.change(id) { $0.text = text } }
            _ = try await lab.mirror.drain()
            // The backup is from before the changes.
            _ = try await harness.database.transaction { session in
                for table in ["whatsapp_messages", "chat_messages"] {
                    try session.execute("UPDATE \(table) SET revision = 1, text = 'as it was'")
                }
            }
            let service = try #require(harness.gateway.reconcile)
            let report = try await service.reconcile(repairing: true)
            #expect(report.differences.map(\.ahead) == [1, 1])
            #expect(try await service.reconcile(repairing: false).isLevel)
            try await lab.expectEqual()
            #expect(try await lab.documents(.chatMessages).first?["text"] == "as it was")
        }
    }

    @Test(arguments: Engines.all)
    func `what has outlived its time counts on neither side and is copied no more`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine, isServing: false) { lab in
            let harness = lab.harness
            let service = try #require(harness.gateway.reconcile)
            try await harness.store([harness.text("copied", from: "15550100001", id: "wamid.1")])
            _ = try await lab.mirror.drain()
            try await harness.store([harness.text("marked", from: "15550100001", id: "wamid.2")])
            harness.clock.advance(by: .seconds(1825 * 86_400))
            try await harness.store([harness.text("alive", from: "15550100001", id: "wamid.3")])
            // MongoDB removes what it had by its index, at some moment before or after the purge.
            for step in ["expired", "purged", "removed by MongoDB"] {
                if step == "purged" { try await harness.gateway.purge.purge() }
                if step == "removed by MongoDB" {
                    for collection in MirrorCollection.allCases {
                        let ids = try await lab.documents(collection).filter { $0["text"] == "copied" }
                            .compactMap { $0["_id"]?.string }
                        _ = try await lab.mongo.delete(ids: ids, from: collection.rawValue)
                    }
                }
                _ = try await lab.mirror.drain()
                let report = try await service.reconcile(repairing: false)
                #expect(report.isLevel && report.compared == 2, "\(step): \(report)")
                let texts = Set(try await lab.documents(.chatMessages).map { $0["text"]?.string })
                #expect(!texts.contains("marked") && texts.contains("alive"), "\(step)")
            }
            #expect(try await lab.waiting == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `a reconcile ends while others go on writing and copying`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            let harness = lab.harness
            let service = try #require(harness.gateway.reconcile)
            try await withThrowingTaskGroup(of: Void.self) { group in
                let stop = Flag()
                for writer in 0..<2 {
                    group.addTask {
                        var number = 0
                        while !stop.isRaised {
                            number += 1
                            let id = "wamid.\(writer).\(number)"
                            try await harness.receive(
                                messages: [harness.text("x", from: "1555010000\(writer)", id: id)])
                            try await harness.receive(messages: [
                                [
                                    "from": "15550100001", "id": .string("\(id).change"), "type": "reaction",
                                    "timestamp": .string(String(harness.clock.now / 1000)),
                                    "reaction": ["message_id": .string(id), "emoji": "👍"],
                                ]
                            ])
                        }
                    }
                }
                for _ in 0..<3 {
                    let report = try await service.reconcile(repairing: true)
                    #expect(report.differences.allSatisfy { $0.surplus == 0 && $0.ahead == 0 }, "\(report)")
                }
                stop.raise()
                try await group.waitForAll()
            }
            try await lab.level()
            #expect(try await service.reconcile(repairing: false).isLevel)
            try await lab.expectEqual()
        }
    }
}
