import Gateway
import JSON
import SQL
import Testing

@Suite struct ChangeTests {
    private func reaction(_ emoji: String?, to target: String, id: String, at second: Int) -> JSON {
        var reaction: JSONObject = ["message_id": .string(target)]
        reaction["emoji"] = emoji.map(JSON.string)
        return [
            "from": "15550100001", "id": .string(id), "timestamp": .string(String(second)), "type": "reaction",
            "reaction": .object(reaction),
        ]
    }

    private func edit(_ body: String, of target: String, id: String, at second: Int) -> JSON {
        [
            "from": "15550100001", "id": .string(id), "timestamp": .string(String(second)), "type": "edit",
            "edit": [
                "original_message_id": .string(target),
                "message": ["context": ["id": "M0"], "type": "text", "text": ["body": .string(body)]],
            ],
        ]
    }

    @Test(arguments: Engines.all)
    func `a reaction shows on its message and is none itself`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("Hi", from: "15550100001", id: "wamid.1")])
            let liked = reaction("👍", to: "wamid.1", id: "wamid.r1", at: 1_785_000_010)
            try await harness.receive(messages: [liked])
            var history = try await harness.history("15550100001")
            #expect(history.count == 1)
            #expect(history[0].reactions.map(\.emoji) == ["👍"])

            try await harness.receive(messages: [reaction(nil, to: "wamid.1", id: "wamid.r2", at: 1_785_000_020)])
            try await harness.receive(messages: [liked])
            history = try await harness.history("15550100001")
            #expect(history[0].reactions.isEmpty, "the older reaction, delivered again, does not come back")
        }
    }

    @Test(arguments: Engines.all)
    func `changes that come before their message wait for it`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [
                edit("second", of: "wamid.1", id: "wamid.e2", at: 1_785_000_020),
                edit("first", of: "wamid.1", id: "wamid.e1", at: 1_785_000_010),
                reaction("❤️", to: "wamid.1", id: "wamid.r1", at: 1_785_000_010),
            ])
            #expect(try await harness.history("15550100001").isEmpty)
            try await harness.receive(messages: [harness.text("typo", from: "15550100001", id: "wamid.1")])
            let message = try #require(try await harness.history("15550100001").first)
            #expect(message.text == "second")
            #expect(message.editedAt == 1_785_000_020_000)
            #expect(message.reactions.map(\.emoji) == ["❤️"])
        }
    }

    @Test(arguments: Engines.all)
    func `a message that was taken back says so`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [harness.text("Oops", from: "15550100001", id: "wamid.1")])
            try await harness.receive(messages: [
                [
                    "from": "15550100001", "id": "wamid.d", "timestamp": "1785000030", "type": "revoke",
                    "revoke": ["original_message_id": "wamid.1"],
                ]
            ])
            let message = try #require(try await harness.history("15550100001").first)
            #expect(message.deletedAt == 1_785_000_030_000)
            #expect(message.json()["deletedAt"]?.int == 1_785_000_030_000)
        }
    }
}
