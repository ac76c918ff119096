import Testing

@testable import Mongo

@Suite(.enabled(if: MongoServer.isExpected, MongoServer.hint))
struct MongoServerTests {
    private func message(_ id: String, _ revision: Int64, _ text: String = "x") -> BSONDocument {
        ["_id": .string(id), "revision": .integer(revision), "text": .string(text)]
    }

    @Test func `a ping is answered`() async throws {
        try await MongoServer.withCollection { client, _ async throws in
            #expect(try await client.ping() > .zero)
        }
    }

    @Test func `what was upserted is found as it was`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let document: BSONDocument = [
                "_id": "a", "revision": 1, "null": .null, "bool": false, "double": 0.5, "text": "é😀\u{0}",
                "expiresAt": .date(milliseconds: 4_000_000_000_000), "list": [1, ["k": "v"]], "empty": [:],
            ]
            #expect(try await client.upsertNewest([document], into: collection) == [])
            #expect(try await client.find(in: collection, filter: ["_id": "a"]) == [document])
        }
    }

    @Test func `only a newer revision replaces the stored document`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            for (revision, text) in [(2, "first"), (1, "older"), (2, "equal"), (3, "newer")] as [(Int64, String)] {
                let failures = try await client.upsertNewest([message("a", revision, text)], into: collection)
                #expect(failures == [])
            }
            #expect(try await client.find(in: collection, filter: [:]) == [message("a", 3, "newer")])
        }
    }

    @Test func `a batch's newest revision of a document wins in any order`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let batch = [message("a", 1), message("a", 3, "newest"), message("b", 1), message("a", 2)]
            #expect(try await client.upsertNewest(batch, into: collection) == [])
            #expect(
                try await client.find(in: collection, filter: [:], sort: ["_id": 1])
                    == [message("a", 3, "newest"), message("b", 1)])
        }
    }

    @Test func `documents that can't be written are told, and the rest is written`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            try await client.ensureIndexes(
                [MongoIndex(name: "number", keys: [("number", 1)], unique: true)], on: collection)
            let deep = (0..<120).reduce(BSONDocument()) { inner, _ in ["d": .document(inner)] }
            let poison: [BSONDocument] = [
                ["_id": "a", "revision": 1, "number": 1],
                ["revision": 1, "number": 2],
                ["_id": "c", "number": 3],
                ["_id": "d", "revision": 1, "number": 4, "x": ["a\u{0}": 1]],
                ["_id": "e", "revision": 1, "number": 5, "deep": .document(deep)],
                ["_id": "f", "revision": 1, "number": 6, "$set": 1],
                ["_id": "g", "revision": 1, "number": 7, "large": .string(String(repeating: "x", count: 17 << 20))],
                ["_id": "h", "revision": 1, "number": 1],
                ["_id": "i", "revision": 1, "number": 9],
            ]
            let failures = try await client.upsertNewest(poison, into: collection)
            #expect(failures.map(\.index) == [1, 2, 3, 4, 5, 6, 7])
            #expect(failures.map(\.code) == Array(repeating: MongoWriteFailure.refused, count: 6) + [11000])
            #expect(failures.allSatisfy { !$0.message.isEmpty && !$0.message.contains("{") })
            let stored = try await client.find(in: collection, filter: [:], sort: ["_id": 1])
            #expect(stored.map { $0["_id"] } == ["a", "i"])
        }
    }

    @Test func `a document that spoils the whole command is found and left out`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            // A kind that no BSON has: the server can't read the command that carries it.
            var batch = (0..<9).map { message("m\($0)", 1) }
            batch[5]["odd"] = .other(type: 0xEE, bytes: [])
            let failures = try await client.upsertNewest(batch, into: collection)
            #expect(failures.map(\.index) == [5])
            #expect(try await client.count(in: collection) == 8)
        }
    }

    @Test func `a stored document that clashes with another index keeps its older revision`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            try await client.ensureIndexes([MongoIndex(name: "n", keys: [("n", 1)], unique: true)], on: collection)
            let stored: [BSONDocument] = [["_id": "a", "revision": 1, "n": 1], ["_id": "b", "revision": 1, "n": 2]]
            #expect(try await client.upsertNewest(stored, into: collection) == [])
            let failures = try await client.upsertNewest([["_id": "b", "revision": 2, "n": 1]], into: collection)
            #expect(failures.map(\.code) == [11000])
            #expect(try await client.find(in: collection, filter: [:], sort: ["_id": 1]) == stored)
        }
    }

    @Test func `a stored document without revision is a failure, not taken for a newer one`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            _ = try await client.run { session throws(MongoError) in
                try session.command(
                    ["insert": .string(collection), "documents": [["_id": "a", "text": "foreign"]]], isWrite: true)
            }
            let failures = try await client.upsertNewest([message("a", 1), message("b", 1)], into: collection)
            #expect(failures.map(\.index) == [0])
        }
    }

    @Test func `writers of the same new documents leave the newest`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            try await withThrowingTaskGroup(of: [MongoWriteFailure].self) { group in
                for revision in 1...8 as ClosedRange<Int64> {
                    let batch = (0..<20).map { message("m\($0)", revision) }
                    group.addTask { try await client.upsertNewest(batch, into: collection) }
                }
                for try await failures in group { #expect(failures == []) }
            }
            let stored = try await client.find(in: collection, filter: [:])
            #expect(stored.count == 20 && stored.allSatisfy { $0["revision"] == 8 })
        }
    }

    @Test func `a batch larger than one reply is written and read whole`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let batch = (0..<1500).map { message("m\($0)", 1, String(repeating: "x", count: 2000)) }
            #expect(try await client.upsertNewest(batch, into: collection) == [])
            #expect(try await client.count(in: collection) == 1500)
            #expect(Set(try await client.find(in: collection, filter: [:])) == Set(batch))
            #expect(try await client.delete(ids: (0..<1200).map { "m\($0)" } + ["none"], from: collection) == 1200)
            #expect(try await client.count(in: collection) == 300)
            #expect(try await client.count(in: collection, filter: ["_id": ["$in": ["m1", "m1499"]]]) == 1)
        }
    }

    @Test func `finding sorts, limits and projects`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            _ = try await client.upsertNewest((1...5).map { message("m\($0)", $0) }, into: collection)
            let found = try await client.find(
                in: collection, filter: ["revision": ["$gt": 1]], sort: ["revision": -1], limit: 2,
                projection: ["revision": 1])
            #expect(found == [["_id": "m5", "revision": 5], ["_id": "m4", "revision": 4]])
        }
    }

    @Test func `nothing to do is done`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            #expect(try await client.upsertNewest([], into: collection) == [])
            #expect(try await client.delete(ids: [], from: collection) == 0)
            #expect(try await client.find(in: collection, filter: [:]) == [])
            #expect(try await client.count(in: collection) == 0)
            try await client.ensureIndexes([], on: collection)
        }
    }

    @Test func `a refused command tells the server's code`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let error = await #expect(throws: MongoError.self) {
                try await client.find(in: collection, filter: ["a": ["$nonsense": 1]])
            }
            #expect(error?.kind == .command(code: 2))
        }
    }
}

@Suite(.enabled(if: MongoServer.isExpected, MongoServer.hint))
struct MongoIndexTests {
    private func indexes(_ client: MongoClient, _ collection: String) async throws -> [String: BSONDocument] {
        let reply = try await client.run { session throws(MongoError) in
            try session.command(["listIndexes": .string(collection)])
        }
        let documents = reply["cursor"]?.document?["firstBatch"]?.array?.compactMap(\.document) ?? []
        return Dictionary(documents.map { ($0["name"]?.string ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    }

    @Test func `missing indexes are made, and making them again changes nothing`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let wanted = [
                MongoIndex(name: "expiry", keys: [("expiresAt", 1)], expireAfterSeconds: 0),
                MongoIndex(name: "message", keys: [("messageId", 1)], unique: true),
                MongoIndex(name: "room", keys: [("roomName", 1), ("timestamp", -1)]),
            ]
            try await client.ensureIndexes(wanted, on: collection)
            let made = try await indexes(client, collection)
            #expect(Set(made.keys) == ["_id_", "expiry", "message", "room"])
            #expect(made["expiry"]?["expireAfterSeconds"]?.integer == 0)
            #expect(made["message"]?["unique"] == true)
            #expect(made["room"]?["key"]?.document?.keys == ["roomName", "timestamp"])
            #expect(made["room"]?["key"]?.document?["timestamp"]?.integer == -1)
            try await client.ensureIndexes(wanted, on: collection)
            #expect(try await indexes(client, collection) == made)
        }
    }

    @Test func `an index that does the same under another name is fine`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            try await client.ensureIndexes([MongoIndex(name: "theirs", keys: [("a", 1)])], on: collection)
            try await client.ensureIndexes([MongoIndex(name: "ours", keys: [("a", 1)])], on: collection)
            #expect(Set(try await indexes(client, collection).keys) == ["_id_", "theirs"])
        }
    }

    @Test func `another time to live is taken over`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            for seconds in [60, 0] {
                let index = MongoIndex(name: "ttl", keys: [("at", 1)], expireAfterSeconds: seconds)
                try await client.ensureIndexes([index], on: collection)
                let made = try await indexes(client, collection)
                #expect(made["ttl"]?["expireAfterSeconds"]?.integer == Int64(seconds))
            }
        }
    }

    @Test func `an index that can't be changed is an error`() async throws {
        try await MongoServer.withCollection { client, collection async throws in
            let ttl = MongoIndex(name: "ttl", keys: [("at", 1)], expireAfterSeconds: 60)
            try await client.ensureIndexes([ttl, MongoIndex(name: "a", keys: [("a", 1)])], on: collection)
            for index in [
                MongoIndex(name: "ttl", keys: [("at", 1)]), MongoIndex(name: "a", keys: [("a", 1)], unique: true),
                MongoIndex(name: "a", keys: [("b", 1)]),
            ] {
                let error = await #expect(throws: MongoError.self) {
                    try await client.ensureIndexes([index], on: collection)
                }
                #expect([.command(code: 85), .write(code: 85), .write(code: 86)].contains(error?.kind))
            }
        }
    }
}
