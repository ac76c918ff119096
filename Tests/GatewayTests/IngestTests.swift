import Gateway
import JSON
import SQL
import Testing

@Suite struct IngestTests {
    @Test(arguments: Engines.all) func `a repeated webhook stores one message`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            let message = harness.text("Hello", from: "15550100001", id: "wamid.one")
            for _ in 0..<3 { try await harness.receive(messages: [message]) }
            try await harness.receive(messages: [message, message])
            let history = try await harness.history("+15550100001")
            #expect(history.map(\.text) == ["Hello"])
            #expect(history.map(\.sequence) == [1])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 2)
            #expect(try await harness.count("SELECT SUM(deliveries) AS n FROM webhook_events") == 4)
        }
    }

    @Test(arguments: Engines.all)
    func `sequences are dense in each room under concurrent webhooks`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        let phone = "1555010000\(index % 5)"
                        let message = harness.text("\(index)", from: phone, id: "wamid.\(index % 250)")
                        try await harness.receive(messages: [message])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 250)
            for room in 0..<5 {
                let messages = try await harness.gateway.messages.inRoom(
                    RoomName(rawValue: "whatsapp_1555010000\(room)"), after: 0, limit: 1000)
                #expect(messages.map(\.sequence) == Array(1...50))
            }
        }
    }

    @Test(arguments: Engines.all)
    func `one broken item sinks nothing else`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [
                "no object", harness.text("Good", from: "15550100001", id: "wamid.good"),
                ["from": "15550100001", "id": "wamid.place", "type": "location", "location": ["latitude": "x"]],
            ])
            let history = try await harness.history("15550100001")
            #expect(history.map(\.type) == ["text", "unsupported"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'partial'") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a body that is no JSON is kept as a failed event`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.gateway.ingest.accept(Array("{broken".utf8))
            try await harness.gateway.ingest.accept([0xff, 0x00, 0x01])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'failed'") == 2)
        }
    }

    @Test(arguments: Engines.all)
    func `a message with NUL characters is stored without them`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("a\0b", from: "15550100001", id: "wamid.nul")])
            let history = try await harness.history("15550100001")
            #expect(history.map(\.text) == ["a\u{FFFD}b"])
        }
    }

    @Test(arguments: Engines.all)
    func `a webhook for an unknown number is kept and makes no room`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            var webhook = Harness.webhook(["messages": [harness.text("Hi", from: "15550100001", id: "wamid.x")]])
            webhook = JSON.object(
                [
                    "object": "whatsapp_business_account",
                    "entry": [
                        [
                            "id": "1",
                            "changes": [
                                [
                                    "field": "messages",
                                    "value": [
                                        "metadata": ["phone_number_id": "999"],
                                        "messages": [harness.text("Hi", from: "15550100001", id: "wamid.x")],
                                    ],
                                ]
                            ],
                        ]
                    ],
                ])
            try await harness.receive(webhook)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM rooms") == 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'unrouted'") == 1)
        }
    }

    @Test(arguments: Engines.all)
    func `a full queue refuses and a message refused is not stored`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, change: { $0.ingestQueueLimit = 0 }) { (harness: Harness) async throws in
            await #expect(throws: GatewayError.self) {
                try await harness.receive(messages: [harness.text("Hi", from: "15550100001", id: "wamid.x")])
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 0)
        }
    }
}
