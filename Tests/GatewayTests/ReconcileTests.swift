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
}
