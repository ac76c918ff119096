import JSON
import SQL
import Synchronization
import Testing

@testable import Gateway

/// Messages of customers who are known are brought in with one look at the database.
@Suite(.timeLimit(.minutes(5))) struct ShortLookTests {
    private static let customer = "15550100001"
    private static let other = "15550100002"

    private func webhook(_ messages: [JSON], name: String? = nil) -> JSON {
        var value: JSONObject = ["messages": .array(messages)]
        if let name { value["contacts"] = [["wa_id": .string(Self.customer), "profile": ["name": .string(name)]]] }
        return Harness.webhook(value)
    }

    private func sequences(_ harness: Harness, _ phone: String = customer) async throws -> [Int64] {
        try await harness.history(phone).map(\.sequence).sorted()
    }

    @Test(arguments: Engines.all)
    func `one look is enough for a customer who is known`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let first = webhook([harness.text("one", from: Self.customer, id: "wamid.1")], name: "Alex Example")
            try await harness.store(webhooks: [first])
            let next = webhook(
                [
                    harness.text("two", from: Self.customer, id: "wamid.2"),
                    harness.text("one", from: Self.customer, id: "wamid.1"),
                    harness.text("three", from: Self.customer, id: "wamid.3"),
                ], name: "Alex Example")
            try await harness.database.transaction(harness.ingestion(of: next, inShort: true))
            #expect(Set(try await harness.history(Self.customer).map(\.text)) == ["one", "two", "three"])
            #expect(try await sequences(harness) == [1, 2, 3])
        }
    }

    enum News: CaseIterable {
        case customer, name, userID
    }

    @Test(arguments: Engines.all, News.allCases)
    func `what is new about a customer needs more, and is kept`(_ engine: SQLEngine, _ news: News) async throws {
        try await Harness.run(engine) { harness in
            let first = webhook([harness.text("one", from: Self.customer, id: "wamid.1")], name: "Alex Example")
            try await harness.receive(first)
            let known = harness.text("two", from: Self.customer, id: "wamid.2")
            var told = try #require(harness.text("three", from: Self.customer, id: "wamid.3").object)
            switch news {
            case .customer: told["from"] = .string(Self.other)
            case .userID: told["from_user_id"] = "US.1001"
            case .name: break
            }
            let next = webhook([known, .object(told)], name: news == .name ? "Kim Example" : nil)
            await #expect(throws: IngestTransaction.Unfamiliar.self) {
                try await harness.database.transaction(harness.ingestion(of: next, inShort: true))
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM whatsapp_messages") == 1)

            try await harness.receive(next)
            #expect(try await sequences(harness) == (news == .customer ? [1, 2] : [1, 2, 3]))
            switch news {
            case .customer: #expect(try await sequences(harness, Self.other) == [1])
            case .name:
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM contacts WHERE name LIKE 'Kim%'") == 1)
            case .userID:
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM contact_aliases WHERE kind = 'user'") == 1)
            }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events WHERE state = 'failed'") == 0)
        }
    }

    @Test(.enabled(if: Engines.url != nil), arguments: [true, false])
    func `two gateways that store one customer's messages keep them once and in order`(
        _ isSame: Bool
    ) async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.store([harness.text("one", from: Self.customer, id: "wamid.1")])
            let two = webhook([harness.text("two", from: Self.customer, id: "wamid.2")])
            let three = isSame ? two : webhook([harness.text("three", from: Self.customer, id: "wamid.3")])
            try await harness.interleave(
                harness.ingestion(of: two, inShort: true), harness.ingestion(of: three, inShort: true))
            #expect(try await sequences(harness) == (isSame ? [1, 2] : [1, 2, 3]))
        }
    }

    @Test(.enabled(if: Engines.url != nil), arguments: [true, false])
    func `a reaction stored at the same moment shows, whichever is first`(_ reactionFirst: Bool) async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            try await harness.store([harness.text("one", from: Self.customer, id: "wamid.1")])
            let message = harness.ingestion(
                of: webhook([harness.text("two", from: Self.customer, id: "wamid.2")]), inShort: true)
            let item: JSON = [
                "from": .string(Self.customer), "id": "wamid.reaction", "timestamp": "1785000010", "type": "reaction",
                "reaction": ["message_id": "wamid.2", "emoji": "👍"],
            ]
            let reaction = harness.ingestion(of: webhook([item]))
            try await harness.interleave(reactionFirst ? reaction : message, reactionFirst ? message : reaction)
            #expect(try await harness.message("wamid.2").reactions.map(\.emoji) == ["👍"])
        }
    }

    /// One gateway finds the rooms by the customers' numbers, the other, in the opposite order, by their user ids.
    @Test(.enabled(if: Engines.url != nil))
    func `the rooms are locked in one order, however they are found`() async throws {
        try await Harness.run(.postgres, isServing: false) { harness in
            let customers = (10..<26).map { (phone: "155501000\($0)", user: "US.\(100 - $0)") }
            let phones = customers.map { JSONObject([("from", .string($0.phone))]) }
            let users = customers.map { JSONObject([("from_user_id", .string($0.user))]) }
            let both = customers.map { JSONObject([("from", .string($0.phone)), ("from_user_id", .string($0.user))]) }
            try await harness.store(webhooks: [webhook(texts("first", both, harness))])
            let rounds = 60
            async let forth = store(rounds, of: phones, as: "forth", harness)
            async let back = store(rounds, of: users, as: "back", harness)
            // A deadlock would have made one of two transactions run again.
            #expect(try await [forth, back] == [rounds, rounds])
            for (phone, _) in customers {
                #expect(try await sequences(harness, phone) == Array(1...Int64(1 + 2 * rounds)))
            }
        }
    }

    /// A text from each of these.
    private func texts(_ name: String, _ senders: [JSONObject], _ harness: Harness) -> [JSON] {
        senders.enumerated().map { index, sender in
            var message: JSONObject = [
                "id": .string("wamid.\(name).\(index)"), "timestamp": .string(String(harness.clock.now / 1000)),
                "type": "text", "text": ["body": "hello"],
            ]
            for (name, value) in sender { message[name] = value }
            return .object(message)
        }
    }

    /// - Returns: how often transactions were run.
    private func store(
        _ rounds: Int, of senders: [JSONObject], as name: String, _ harness: Harness
    ) async throws -> Int {
        let runs = Mutex(0)
        for round in 0..<rounds {
            let ingestion = harness.ingestion(
                of: webhook(texts("\(name).\(round)", senders, harness)), inShort: true)
            try await harness.database.transaction { session in
                runs.withLock { $0 += 1 }
                try ingestion(session)
            }
        }
        return runs.withLock(\.self)
    }
}
