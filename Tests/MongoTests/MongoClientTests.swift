import CMongo
import Testing

@testable import Mongo

@Suite struct MongoClientTests {
    @Test(arguments: [
        "", "localhost", "postgres://localhost", "mongodb://", "mongodb://a\u{0}b", "mongodb://a:b:c@d:e",
    ])
    func `a URI that is none is refused without being quoted`(uri: String) {
        let error = #expect(throws: MongoError.self) { try MongoClient(uri: uri, logger: MongoServer.quiet) }
        #expect(error == MongoError(.invalidURI, "not a MongoDB connection string"))
    }

    @Test func `the URI's path names the database`() throws {
        func database(_ uri: String) throws -> String {
            try MongoClient(uri: uri, defaultDatabase: "other", logger: MongoServer.quiet).database
        }
        #expect(try database("mongodb://127.0.0.1:1/chat?appName=x") == "chat")
        #expect(try database("mongodb://127.0.0.1:1") == "other")
        #expect(try database("mongodb://127.0.0.1:1/") == "other")
    }

    @Test func `a server that can't be reached is unavailable before long`() async throws {
        // Port 1 of the loopback address has no listener.
        let client = try MongoClient(
            uri: "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200", logger: MongoServer.quiet)
        let start = ContinuousClock.now
        let error = await #expect(throws: MongoError.self) { try await client.ping() }
        #expect(error?.kind == .unavailable)
        // The library's own patience would be 30 s.
        #expect(start.duration(to: .now) < .seconds(15))
        let upsert = await #expect(throws: MongoError.self) {
            try await client.upsertNewest([["_id": "a", "revision": 1]], into: "c")
        }
        #expect(upsert?.kind == .unavailable)
        await client.close()
    }

    @Test func `a closed client is unavailable`() async throws {
        let client = try MongoClient(uri: "mongodb://127.0.0.1:1", logger: MongoServer.quiet)
        await client.close()
        await client.close()
        let error = await #expect(throws: MongoError.self) { try await client.count(in: "c") }
        #expect(error?.kind == .unavailable)
    }

    /// What the library is told is what it sends with each write.
    @Test(arguments: [
        ("", true, true), ("?appName=x", true, true), ("?w=1", false, false), ("?w=1&journal=true", false, true),
        ("?journal=false", false, false),
    ])
    func `writes wait for the journal of a majority unless the URI says otherwise`(
        options: String, majority: Bool, journal: Bool
    ) async throws {
        let client = try MongoClient(uri: "mongodb://127.0.0.1:1/\(options)", logger: MongoServer.quiet)
        let told = try await client.run { session in
            let concern = mongoc_client_get_write_concern(session.client)
            return [mongoc_write_concern_get_wmajority(concern), mongoc_write_concern_get_journal(concern)]
        }
        #expect(told == [majority, journal])
        await client.close()
    }

    @Test(arguments: [
        (
            "E11000 duplicate key error collection: d.c index: phone_1 dup key: { phone: \"+49\" }",
            "E11000 duplicate key error collection: d.c index: phone_1"
        ),
        ("Cannot create field 'x' in element {text: \"secret\"}", "Cannot create field 'x' in element"),
        ("not primary", "not primary"),
    ])
    func `messages don't tell the values of documents`(message: String, tidy: String) {
        #expect(MongoError.tidy(message) == tidy)
        #expect(MongoError.tidy(String(repeating: "x", count: 5000)).count == 300)
    }
}
