import Gateway
import JSON
import SQL
import Testing

@Suite struct StatusTests {
    /// An echo makes an outgoing message without a send.
    private func echo(_ harness: Harness, _ id: String) async throws {
        try await harness.receive(
            Harness.webhook(
                [
                    "message_echoes": [
                        [
                            "from": .string(Harness.businessNumber), "to": "15550100001", "id": .string(id),
                            "timestamp": "1785000000", "type": "text", "text": ["body": "From our phone"],
                        ]
                    ]
                ], field: "smb_message_echoes"))
    }

    @Test(arguments: Engines.all)
    func `the status only rises, whatever the order of the reports`(_ engine: SQLEngine) async throws {
        let orders = [
            ["sent", "delivered", "read"], ["read", "delivered", "sent"], ["delivered", "failed", "sent"],
            ["failed", "delivered"], ["sent", "failed"], ["read", "read", "failed"], ["played", "read"],
        ]
        let ends: [MessageStatus] = [.read, .read, .delivered, .delivered, .failed, .read, .played]
        try await Harness.run(engine) { harness in
            for (index, order) in orders.enumerated() {
                let id = "wamid.echo\(index)"
                try await echo(harness, id)
                for status in order { try await harness.receive(statuses: [harness.status(status, of: id)]) }
            }
            #expect(try await harness.history("15550100001").map(\.status) == ends)
        }
    }

    @Test(arguments: Engines.all)
    func `a status that comes before its message counts when the message comes`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(statuses: [harness.status("read", of: "wamid.early")])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM message_statuses") == 1)
            try await echo(harness, "wamid.early")
            let message = try #require(try await harness.history("15550100001").first)
            #expect(message.status == .read)
            #expect(message.readAt == harness.clock.now / 1000 * 1000)
        }
    }

    @Test(arguments: Engines.all)
    func `both tables hold the same fields after a change`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await echo(harness, "wamid.same")
            try await harness.receive(statuses: [harness.status("delivered", of: "wamid.same")])
            #expect(
                try await harness.count(
                    """
                    SELECT COUNT(*) AS n FROM whatsapp_messages w JOIN chat_messages c ON c.message_id = w.message_id
                    WHERE c.status = w.status AND c.delivered_at = w.delivered_at AND c.revision = w.revision
                    AND c.sequence = w.sequence AND w.status = 'delivered' AND w.revision = 2
                    """) == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a failure keeps Meta's code and words`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await echo(harness, "wamid.failed")
            let error: JSON = [
                "code": 131026, "title": "Message undeliverable", "error_data": ["details": "Not on WhatsApp"],
            ]
            var report = try #require(harness.status("failed", of: "wamid.failed").object)
            report["errors"] = [error]
            try await harness.receive(statuses: [.object(report)])
            let message = try #require(try await harness.history("15550100001").first)
            #expect(message.status == .failed)
            #expect(message.failure?.metaCode == 131026)
            #expect(message.json()["failedReason"]?.string?.contains("Not on WhatsApp") == true)
        }
    }
}
