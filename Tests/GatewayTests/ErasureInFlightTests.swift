import Foundation
import JSON
import SQL
import Synchronization
import Testing
import WhatsApp

@testable import Gateway
@testable import Mongo

/// What is under way when somebody is erased does not bring them back.
@Suite(.timeLimit(.minutes(10))) struct ErasureInFlightTests {
    private static let phone = "15550100001"
    private static let other = "15550100002"

    private func number(_ phone: String = phone) throws -> PhoneNumber { try #require(PhoneNumber(phone)) }

    /// Raw events that name the customer.
    private func rawEvents(_ database: Database, of phone: String = phone) async throws -> Int {
        try await database.read { session in
            try session.query("SELECT body FROM webhook_events").count {
                String(decoding: try $0.bytes("body"), as: UTF8.self).contains(phone)
            }
        }
    }

    @Test(.enabled(if: MirrorLab.isExpected, MirrorLab.hint), arguments: Engines.all)
    func `a copy on its way to MongoDB does not stay there`(_ engine: SQLEngine) async throws {
        try await MirrorLab.run(engine) { lab in
            let harness = lab.harness
            try await harness.receive(messages: [
                harness.text("of the other", from: Self.other, id: "wamid.other"),
                harness.text("before", from: Self.phone, id: "wamid.before"),
            ])
            try await lab.level()
            lab.proxy.hang()
            try await harness.receive(messages: [harness.text("on its way", from: Self.phone, id: "wamid.way")])
            try await harness.wait("the copy is not begun") {
                try await harness.count("SELECT COUNT(*) AS n FROM mirror_outbox WHERE run_at > \(harness.clock.now)")
                    == 2
            }
            async let report = harness.gateway.erasure.eraseContact(number())
            try await harness.wait("the messages are still there") {
                try await harness.count("SELECT COUNT(*) AS n FROM chat_messages") == 1
            }
            lab.proxy.resume()
            #expect(try await report.messages == 2)
            try await harness.wait("the mirror stays behind") {
                harness.clock.advance(by: .seconds(1))
                return try await lab.waiting == 0
            }
            for collection in MirrorCollection.allCases {
                #expect(try await lab.documents(collection).map { $0["text"]?.string } == ["of the other"])
            }
        }
    }

    @Test(arguments: Stage.all)
    func `a file that is just being fetched does not stay`(_ stage: Stage) async throws {
        let isAsked = Gate()
        let letGo = DispatchSemaphore(value: 0)
        let origin = Mutex("")
        let meta = try LocalServer { target in
            guard target.hasPrefix("/file") else {
                let url = origin.withLock { $0 } + "/file"
                return StandInMeta.json(["url": .string(url), "file_size": .integer(Int64(Samples.jpeg.count))])
            }
            isAsked.open()
            letGo.wait()
            letGo.signal()
            return StandInMeta.file(Samples.jpeg)
        }
        defer {
            letGo.signal()
            meta.stop()
        }
        origin.withLock { $0 = meta.origin }
        try await Harness.run(stage, graphURL: meta.origin) { harness in
            try await harness.receive(messages: [
                [
                    "from": .string(Self.phone), "id": "wamid.media", "type": "image",
                    "timestamp": .string(String(harness.clock.now / 1000)), "image": ["id": "1001"],
                ]
            ])
            await isAsked.pass()
            try await harness.noteFiles()
            #expect(try await harness.gateway.erasure.eraseContact(number()).messages == 1)
            letGo.signal()
            try await harness.wait("the fetched file's row is left") {
                let seen = try await harness.count("SELECT COUNT(*) AS n FROM seen_files")
                let left = try await harness.count("SELECT COUNT(*) AS n FROM media")
                return seen == 1 && left == 0
            }
            #expect(try await harness.files.names().isEmpty)
            try await harness.wait("a temporary file is left") { try await harness.files.unfinished().isEmpty }
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM jobs") == 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM contacts") == 0)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 0)
        }
    }

    @Test(arguments: Engines.all)
    func `what is just being indexed is not found`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await harness.store([
                harness.text("secretword", from: Self.phone, id: "wamid.1"),
                harness.text("of the other", from: Self.other, id: "wamid.2"),
            ])
            let search = SearchFollower(
                database: harness.database, clock: Clock { harness.clock.now },
                counters: SearchMetrics(harness.metrics), logger: Engines.logger)
            let indexing = HeldTransaction(harness.database) { session in
                let ids = try session.query("SELECT message_id FROM chat_messages").map { try $0.text("message_id") }
                let rooms = try session.query("SELECT room_name FROM rooms").map { try $0.text("room_name") }
                _ = try SearchIndex(session: session).index(messages: ids)
                try SearchIndex(session: session).index(rooms: rooms)
            }
            let number = try number()
            _ = try await indexing.beside { try await harness.gateway.erasure.eraseContact(number) }.get()
            _ = try await search.step()
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_messages") == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM search_rooms") == 1)
        }
    }

    private static func spooled(_ text: String, _ phone: String, _ id: String) -> JSON {
        [
            "from": .string(phone), "id": .string(id), "timestamp": "1785000000", "type": "text",
            "text": ["body": .string(text)],
        ]
    }

    @Test(.enabled(if: Engines.url != nil, "needs TEST_DATABASE_URL"))
    func `what waited in a spool is left out, and what comes afterwards is not`() async throws {
        try await Outage.run { outage in
            let cards: JSON = [
                ["wa_id": .string(Self.phone), "profile": ["name": "Ada"]],
                ["wa_id": .string(Self.other), "profile": ["name": "Bob"]],
            ]
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                try await outage.begin()
                let both = Harness.webhook([
                    "contacts": cards,
                    "messages": [
                        Self.spooled("of the erased", Self.phone, "wamid.a"),
                        Self.spooled("of the other", Self.other, "wamid.b"),
                    ],
                ])
                try await gateway.ingest.accept(both.encoded())
                try await gateway.ingest.accept(outage.webhook(2))
                let status: JSON = [
                    "id": "wamid.unknown", "status": "read", "timestamp": "1785000000",
                    "recipient_id": .string(Self.phone),
                ]
                try await gateway.ingest.accept(Harness.webhook(["statuses": [status]]).encoded())
                #expect(await outage.depth(gateway) == 3)
            }
            try await outage.end()
            // Another gateway erases while the one with the spool is down.
            let number = try number()
            try await outage.withGateway(data: "elsewhere") { gateway in
                let report = try await gateway.erasure.eraseContact(number)
                #expect(report.messages == 1)
            }
            try await outage.withGateway { gateway in
                try await outage.wait(for: 1, of: Self.other, in: gateway)
                #expect(try await outage.texts(gateway, of: Self.other) == ["of the other"])
                // In the order of the spool: when this is there, all of that is drained.
                try await gateway.ingest.accept(outage.webhook(3))
                try await outage.wait(for: 1, in: gateway)
                #expect(try await outage.texts(gateway) == ["message 3"])
                #expect(try await rawEvents(gateway.database) == 1, "that of message 3")
                let names = try await gateway.database.read { session in
                    try session.query("SELECT name FROM contacts").map { try $0.textOrNil("name") }
                }
                #expect(Set(names) == ["Bob", nil])
            }
        }
    }

    @Test(arguments: Engines.all)
    func `an erasure that is cut short is brought to its end by its job`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine) { harness in
            try await harness.receive(messages: [
                harness.text("a", from: Self.phone, id: "wamid.a"), harness.text("b", from: Self.other, id: "wamid.b"),
            ])
            let number = try number()
            let now = harness.clock.now
            // As far as the commit, and no farther.
            try await harness.database.transaction { session in
                let person = try #require(try ErasedPerson.find(number, .default, session).first)
                try person.lock(session)
                let redaction = RawEventRedaction(people: person.names)
                try JobQueue.insert([StoredEventRedaction.job(redaction, since: 0, at: now)], session)
            }
            #expect(try await rawEvents(harness.database) == 1)
            try await harness.pass("the raw event is left") { try await rawEvents(harness.database) == 0 }
            #expect(try await rawEvents(harness.database, of: Self.other) == 1)
            try await harness.pass("the job is left") {
                try await harness.count("SELECT COUNT(*) AS n FROM jobs") == 0
            }
        }
    }
}

extension Harness {
    /// Has every row of a file noted, also of one that goes again.
    fileprivate func noteFiles() async throws {
        let note = "INSERT INTO seen_files VALUES (NEW.name);"
        try await database.transaction { session in
            _ = try session.execute("CREATE TABLE seen_files (name TEXT)")
            if session.engine == .postgres {
                _ = try session.execute(
                    "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN \(note) RETURN NEW; END'")
                _ = try session.execute(
                    "CREATE TRIGGER note AFTER INSERT ON media FOR EACH ROW EXECUTE FUNCTION note()")
            } else {
                _ = try session.execute("CREATE TRIGGER note AFTER INSERT ON media BEGIN \(note) END")
            }
        }
    }
}

/// A customer may have written to several numbers of the business.
@Suite(.timeLimit(.minutes(5))) struct ErasureAccountTests {
    private static let phone = "15550100001"
    private static let secondNumber = "200000000000202"

    private static func webhook(_ text: String, to number: String, _ id: String) -> JSON {
        let value: JSON = [
            "messaging_product": "whatsapp", "metadata": ["phone_number_id": .string(number)],
            "messages": [
                [
                    "from": .string(phone), "id": .string(id), "timestamp": "1785000000", "type": "text",
                    "text": ["body": .string(text)],
                ]
            ],
        ]
        let change: JSON = ["field": "messages", "value": value]
        return ["object": "whatsapp_business_account", "entry": [["id": "1", "changes": [change]]]]
    }

    /// A gateway of two accounts, to both of which the customer has written.
    private func run(_ engine: SQLEngine, _ body: @Sendable (Gateway, Harness) async throws -> Void) async throws {
        try await Harness.run(engine) { harness in
            try await harness.database.transaction { session in
                _ = try session.execute(
                    """
                    INSERT INTO tenant_whatsapp_config (account_id, tenant_id, phone_number_id, created_at, updated_at)
                    VALUES ('second', 'second', $1, 1, 1)
                    """, [.text(Self.secondNumber)])
            }
            try await harness.again { gateway in
                try await gateway.ingest.accept(
                    Self.webhook("to the first", to: Harness.phoneNumberID, "wamid.1").encoded())
                try await gateway.ingest.accept(
                    Self.webhook("to the second", to: Self.secondNumber, "wamid.2").encoded())
                try await body(gateway, harness)
            }
        }
    }

    private func texts(_ harness: Harness) async throws -> [String] {
        try await harness.database.read { session in
            try session.query("SELECT text FROM whatsapp_messages").map { try $0.text("text") }
        }
    }

    @Test(arguments: Engines.all)
    func `a customer is erased from every account`(_ engine: SQLEngine) async throws {
        try await run(engine) { gateway, harness in
            let number = try #require(PhoneNumber(Self.phone))
            let report = try await gateway.erasure.eraseContact(number)
            #expect(report.messages == 2 && report.rooms == 2)
            for table in ["whatsapp_messages", "rooms", "contacts", "contact_aliases", "webhook_events", "jobs"] {
                #expect(try await harness.count("SELECT COUNT(*) AS n FROM \(table)") == 0, "\(table)")
            }
            await #expect(throws: GatewayError.self) { try await gateway.erasure.eraseContact(number) }
        }
    }

    @Test(arguments: Engines.all)
    func `or from one, and the others keep theirs, raw events too`(_ engine: SQLEngine) async throws {
        try await run(engine) { gateway, harness in
            let number = try #require(PhoneNumber(Self.phone))
            let second = AccountID(rawValue: "second")
            #expect(try await gateway.erasure.eraseContact(number, account: second).messages == 1)
            #expect(try await texts(harness) == ["to the first"])
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM contacts") == 1)
            await #expect(throws: GatewayError.self) {
                try await gateway.erasure.eraseContact(number, account: second)
            }
            await #expect(throws: GatewayError.self) {
                try await gateway.erasure.eraseContact(number, account: AccountID(rawValue: "third"))
            }
            #expect(try await gateway.erasure.eraseContact(number, account: .default).messages == 1)
            #expect(try await harness.count("SELECT COUNT(*) AS n FROM webhook_events") == 0)
        }
    }
}
