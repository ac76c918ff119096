import JSON
import SQL
import Testing

@testable import Gateway

@Suite struct GroupStatusTests {
    private static let group = "120363000000000001@g.us"
    private static let wamid = "wamid.group"

    /// The business writes to the group from its phone, which makes an outgoing message without a send.
    private func write(_ harness: Harness) async throws {
        try await harness.store(webhooks: [
            Harness.webhook(
                [
                    "message_echoes": [
                        [
                            "from": .string(Harness.businessNumber), "group_id": .string(Self.group),
                            "id": .string(Self.wamid), "timestamp": "1785000000", "type": "text",
                            "text": ["body": "To all"],
                        ]
                    ]
                ], field: "smb_message_echoes")
        ])
    }

    private func report(
        _ status: String, _ participant: String?, at time: Int, _ harness: Harness, code: Int64? = nil
    ) async throws {
        var report: JSONObject = [
            "id": .string(Self.wamid), "status": .string(status), "timestamp": .string(String(time)),
            "recipient_id": .string(Self.group), "recipient_type": "group",
        ]
        report["recipient_participant_id"] = participant.map(JSON.string)
        report["errors"] = code.map { [["code": .integer($0), "title": "Failed"]] }
        try await harness.store(webhooks: [Harness.webhook(["statuses": [.object(report)]])])
    }

    @Test(arguments: Engines.all)
    func `each participant has a status and times of their own`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await write(harness)
            try await report("sent", nil, at: 1_785_000_001, harness)
            try await report("read", "15550100001", at: 1_785_000_009, harness)
            try await report("delivered", "15550100001", at: 1_785_000_005, harness)
            try await report("delivered", "15550100002", at: 1_785_000_007, harness)
            let message = try await harness.message(Self.wamid)
            #expect(message.status == .read, "as far as it came with anybody")
            #expect(message.sentAt == 1_785_000_001_000)
            #expect(message.deliveredAt == 1_785_000_005_000)
            let expected: JSON = [
                [
                    "participant": "+15550100001", "status": "read", "deliveredAt": 1_785_000_005_000,
                    "readAt": 1_785_000_009_000,
                ],
                ["participant": "+15550100002", "status": "delivered", "deliveredAt": 1_785_000_007_000],
            ]
            let shown = try #require(message.json()["participants"]?.array)
            #expect(Set(shown) == Set(expected.array ?? []))
        }
    }

    @Test(arguments: Engines.all)
    func `a failure with one participant is theirs alone, one of the group is the message's`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await write(harness)
            try await report("failed", "15550100001", at: 1_785_000_002, harness, code: 131026)
            var message = try await harness.message(Self.wamid)
            #expect(message.status == .sent)
            let participant = try #require(message.json()["participants"]?[0])
            #expect(participant["status"]?.string == "failed")
            #expect(participant["failedReason"]?.string == "(#131026) Failed")
            try await report("delivered", "15550100001", at: 1_785_000_003, harness)
            message = try await harness.message(Self.wamid)
            #expect(message.json()["participants"]?[0]?["status"]?.string == "delivered")
            #expect(message.json()["participants"]?[0]?["failedReason"] == nil, "a delivery outruns a failure")
            #expect(message.status == .delivered)
        }
        try await Harness.run(engine, isServing: false) { harness in
            try await write(harness)
            try await report("failed", nil, at: 1_785_000_002, harness, code: 131207)
            let message = try await harness.message(Self.wamid)
            #expect(message.status == .failed)
            #expect(message.json()["participants"] == nil)
        }
    }

    @Test(arguments: Engines.all)
    func `reports of participants that come before the message count when it comes`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await report("delivered", "15550100001", at: 1_785_000_005, harness)
            try await report("delivered", "15550100002", at: 1_785_000_006, harness)
            try await write(harness)
            #expect(try await harness.message(Self.wamid).participants.map(\.status) == [.delivered, .delivered])
        }
    }
}
