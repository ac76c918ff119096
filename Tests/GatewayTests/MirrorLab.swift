import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway
@testable import Mongo

/// A gateway with a MongoDB database of its own, behind a proxy that can cut the way.
struct MirrorLab: Sendable {
    let harness: Harness
    let proxy: OutageProxy
    /// Past the proxy.
    let mongo: MongoClient
    var mirror: MirrorService { get throws { try #require(harness.gateway.mirror) } }

    private static let environment = ProcessInfo.processInfo.environment
    static let uri = environment["TEST_MONGODB_URI"].flatMap { $0.isEmpty ? nil : $0 }
    /// True in CI even without a server, where the tests then fail rather than be passed over.
    static let isExpected = uri != nil || environment["CI"] == "true"
    static let hint: Comment = "needs a MongoDB server: set TEST_MONGODB_URI=mongodb://127.0.0.1:PORT"

    /// - Parameter patience: how long a call of the gateway looks for the server, in seconds.
    static func run(
        _ engine: SQLEngine, isServing: Bool = true, isUp: Bool = true, patience: Int = 60,
        _ body: @Sendable (MirrorLab) async throws -> Void
    ) async throws {
        let server = try URLComponents(string: #require(uri, hint)) ?? URLComponents()
        let name = "vestibule_" + UUID().uuidString.replacing("-", with: "").lowercased().prefix(20)
        let port = UInt16(server.port ?? 27017)
        let proxy = try OutageProxy(to: port, isUp: isUp)
        defer { proxy.stop() }
        let direct = try MongoClient(
            uri: uri(port, name, patience: 60), logger: Engines.logger)
        let throughProxy = uri(proxy.port, name, patience: patience)
        let outcome: Result<Void, any Error>
        do {
            try await Harness.run(engine, mongoURI: throughProxy, isServing: isServing) { harness in
                try await body(MirrorLab(harness: harness, proxy: proxy, mongo: direct))
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        // A database that stays behind does no harm.
        _ = try? await direct.run { session throws(MongoError) in
            try session.command(["dropDatabase": 1], isWrite: true)
        }
        await direct.close()
        try outcome.get()
    }

    private static func uri(_ port: UInt16, _ database: String, patience: Int) -> String {
        "mongodb://127.0.0.1:\(port)/\(database)?directConnection=true&serverSelectionTimeoutMS=\(patience * 1000)"
            + "&socketTimeoutMS=60000"
    }

    var waiting: Int64 {
        get async throws { try await harness.count("SELECT COUNT(*) AS n FROM mirror_outbox") }
    }

    /// Waits until the copy is level.
    func level() async throws { try await harness.wait("the mirror stays behind") { try await waiting == 0 } }

    func documents(_ collection: MirrorCollection) async throws -> [BSONDocument] {
        try await mongo.find(in: collection.rawValue, filter: [:], sort: ["_id": 1])
    }

    /// Every message as SQL has it, in the order of its id.
    func messages() async throws -> [Message] {
        let store = MessageStore(isMirrored: true)
        return try await harness.database.read { session in
            let ids = try session.query(
                "SELECT message_id FROM whatsapp_messages UNION SELECT message_id FROM chat_messages"
            ).map { MessageID(rawValue: try $0.text("message_id")) }
            return try store.find(ids, session).sorted { $0.messageID.rawValue < $1.messageID.rawValue }
        }
    }

    /// Compares both collections with SQL, field by field.
    func expectEqual() async throws {
        let messages = try await messages()
        for collection in MirrorCollection.allCases {
            let documents = try await documents(collection)
            let wanted = messages.filter(collection.holds)
            #expect(documents.map { $0["_id"]?.string } == wanted.map(\.messageID.rawValue), "\(collection)")
            for (document, message) in zip(documents, wanted) {
                var shown = try #require(message.json().object)
                if collection == .whatsappMessages { shown["sender"] = nil }
                var kept = JSONObject()
                for (key, value) in document { kept[key] = Self.json(value) }
                #expect(document["expiresAt"] == .date(milliseconds: message.expiresAt))
                #expect(kept.removeValue("revision") == .integer(message.revision))
                #expect(kept.removeValue("_id") == shown["messageId"])
                kept["expiresAt"] = .string(message.expiresAt.iso8601)
                #expect(JSON.object(kept).sorted == JSON.object(shown).sorted, "\(collection)")
            }
        }
    }

    static func json(_ value: BSONValue) -> JSON {
        switch value {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .double(let value): .number(value)
        case .string(let value): .string(value)
        case .date(let milliseconds): .string("date \(milliseconds)")
        case .array(let items): .array(items.map(json))
        case .document(let document): .object(JSONObject(document.map { ($0.key, json($0.value)) }))
        default: .string("\(value)")
        }
    }
}

extension JSONObject {
    fileprivate mutating func removeValue(_ key: String) -> JSON? {
        defer { self[key] = nil }
        return self[key]
    }
}

extension JSON {
    /// The members of every object in the order of their names: PostgreSQL keeps another order than SQLite.
    fileprivate var sorted: JSON {
        switch self {
        case .object(let object):
            .object(JSONObject(object.map { ($0.key, $0.value.sorted) }.sorted { $0.0 < $1.0 }))
        case .array(let items): .array(items.map(\.sorted))
        default: self
        }
    }
}

extension MirrorLab {
    struct Index {
        let keys: [String]
        let isUnique: Bool
        let expireAfterSeconds: Int64?
    }

    func indexes(of collection: MirrorCollection) async throws -> [Index] {
        let reply = try await mongo.run { session throws(MongoError) in
            try session.command(["listIndexes": .string(collection.rawValue)])
        }
        let batch = reply["cursor"]?.document?["firstBatch"]?.array ?? []
        return batch.compactMap(\.document).filter { $0["name"] != "_id_" }.map { index in
            Index(
                keys: index["key"]?.document?.keys ?? [], isUnique: index["unique"]?.bool ?? false,
                expireAfterSeconds: index["expireAfterSeconds"]?.integer)
        }
    }
}
