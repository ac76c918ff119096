import Foundation
import Logging
import Mongo
import SQL
import Testing

/// The databases that a server is run on.
enum Storage: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case sqlite
    case postgres
    case postgresAndMongo

    var testDescription: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        case .postgresAndMongo: "PostgreSQL and MongoDB"
        }
    }

    /// The modes that can be tested with the servers at hand: all of them in continuous integration.
    static let available = allCases.filter { isCI || $0.isAvailable }
    /// Both SQL engines, as far as at hand.
    static let engines = available.filter { $0 != .postgresAndMongo }

    private var isAvailable: Bool {
        switch self {
        case .sqlite: true
        case .postgres: Self.databaseURL != nil
        case .postgresAndMongo: Self.databaseURL != nil && Self.mongoURI != nil
        }
    }

    private static let environment = ProcessInfo.processInfo.environment
    static let isCI = environment["CI"] == "true"
    static let databaseURL = environment["TEST_DATABASE_URL"].flatMap { $0.isEmpty ? nil : $0 }
    static let mongoURI = environment["TEST_MONGODB_URI"].flatMap { $0.isEmpty ? nil : $0 }
    static let hint: Comment =
        "TEST_DATABASE_URL (as a superuser) and TEST_MONGODB_URI name scratch servers; without them SQLite alone is tested"
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs `body` with databases of its own: the settings that name them, and where to look into them.
    func withFresh<Value>(folder: URL, _ body: (Stores) async throws -> Value) async throws -> Value {
        let name = "v_" + UUID().uuidString.replacing("-", with: "").lowercased()
        guard self != .sqlite else {
            let path = folder.appending(path: "data").path
            return try await body(
                Stores(
                    environment: ["DATA_DIR": path], location: .sqlite(path: path + "/vestibule.db"), mongoURI: nil))
        }
        let url = try #require(Self.databaseURL, Self.hint)
        var options = DatabaseOptions()
        options.connections = 1
        let admin = try await Database.open(.postgres(url: url), options: options, logger: Self.logger)
        return try await always {
            _ = try await admin.transaction { try $0.execute("CREATE SCHEMA \(name)") }
            var components = try #require(URLComponents(string: url))
            components.queryItems =
                (components.queryItems ?? []) + [URLQueryItem(name: "options", value: "-csearch_path=\(name)")]
            let located = try #require(components.string)
            var environment = ["DATABASE_URL": located]
            var uri: String?
            if self == .postgresAndMongo {
                let server = try #require(Self.mongoURI, Self.hint)
                var components = try #require(URLComponents(string: server))
                components.path = "/" + name
                uri = components.string
                environment["MONGODB_URI"] = uri
            }
            return try await body(Stores(environment: environment, location: .postgres(url: located), mongoURI: uri))
        } finally: {
            // What a test leaves behind on a scratch server does no harm.
            _ = try? await admin.transaction { try $0.execute("DROP SCHEMA \(name) CASCADE") }
            await admin.close()
        }
    }
}

/// The databases of one test.
struct Stores: Sendable {
    let environment: [String: String]
    let location: DatabaseLocation
    let mongoURI: String?

    /// Opens the SQL database beside the server.
    func withDatabase<Value>(_ body: (Database) async throws -> Value) async throws -> Value {
        var options = DatabaseOptions()
        options.connections = 1
        let database = try await Database.open(location, options: options, logger: Storage.logger)
        return try await always {
            try await body(database)
        } finally: {
            await database.close()
        }
    }

    /// Every row of a query.
    func rows(_ sql: String, _ parameters: [SQLValue] = []) async throws -> [SQLRow] {
        try await withDatabase { database in try await database.read { try $0.query(sql, parameters) } }
    }

    /// The number `n` of a query's first row.
    func count(_ sql: String, _ parameters: [SQLValue] = []) async throws -> Int64 {
        try await rows(sql, parameters).first?.integer("n") ?? -1
    }

    /// Every document of a collection that fits, in no order.
    func documents(_ collection: String, _ filter: BSONDocument = [:]) async throws -> [BSONDocument] {
        let client = try MongoClient(uri: try #require(mongoURI), logger: Storage.logger)
        return try await always {
            try await client.find(in: collection, filter: filter)
        } finally: {
            await client.close()
        }
    }
}

/// Runs `body`, and `finally` after it, however it ended.
func always<Value>(_ body: () async throws -> Value, finally: () async -> Void) async throws -> Value {
    let result: Result<Value, any Error>
    do {
        result = .success(try await body())
    } catch {
        result = .failure(error)
    }
    await finally()
    return try result.get()
}
