import Foundation
import Logging
import Synchronization
import Testing

@testable import SQL

/// Where the tests find PostgreSQL, and fresh databases on both engines.
enum TestServer {
    static let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"]
    static let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
    static let hint: Comment = "TEST_DATABASE_URL names a scratch PostgreSQL server, as a superuser"
    /// Each rule runs on all of these.
    static let engines: [SQLEngine] = url == nil ? [.sqlite] : [.postgres, .sqlite]
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// A new schema or file, gone again afterwards.
    static func withDatabase<Value>(
        _ engine: SQLEngine, options: DatabaseOptions = .init(), settings: String = "", through port: Int? = nil,
        _ body: (Database, DatabaseLocation) async throws -> Value
    ) async throws -> Value {
        let name = "t_" + UUID().uuidString.replacing("-", with: "").lowercased()
        switch engine {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: name)
            defer {
                // A left-over in the temporary folder is harmless.
                try? FileManager.default.removeItem(at: folder)
            }
            return try await use(.sqlite(path: folder.appending(path: "data/test.db").path), options, body)
        case .postgres:
            let url = try #require(url)
            let admin = try await Database.open(.postgres(url: url), options: one(), logger: logger)
            try await admin.transaction { try $0.execute("CREATE SCHEMA \(name)") }
            do {
                let scoped = try located(schema: name, settings: settings, port: port)
                let value = try await use(.postgres(url: scoped), options, body)
                try await drop(name, admin)
                return value
            } catch {
                try await drop(name, admin)
                throw error
            }
        }
    }

    static func one() -> DatabaseOptions {
        var options = DatabaseOptions()
        options.connections = 1
        return options
    }

    /// The port that the server listens on, for a proxy before it.
    static func port() throws -> Int {
        try components().port ?? 5432
    }

    private static func components() throws -> URLComponents {
        let url = try #require(url)
        return try #require(URLComponents(string: url))
    }

    private static func use<Value>(
        _ location: DatabaseLocation, _ options: DatabaseOptions,
        _ body: (Database, DatabaseLocation) async throws -> Value
    ) async throws -> Value {
        let database = try await Database.open(location, options: options, logger: logger)
        do {
            let value = try await body(database, location)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }

    private static func located(schema: String, settings: String, port: Int?) throws -> String {
        var components = try components()
        let option = URLQueryItem(name: "options", value: "-csearch_path=\(schema) \(settings)")
        components.queryItems = (components.queryItems ?? []) + [option]
        let url = try #require(components.string)
        return try port.map { try rerouted(url, through: $0) } ?? url
    }

    /// A database of PostgreSQL's by way of a proxy.
    static func rerouted(_ location: DatabaseLocation, through port: Int) throws -> DatabaseLocation {
        guard case .postgres(let url) = location else { throw NoProxy() }
        return .postgres(url: try rerouted(url, through: port))
    }

    private struct NoProxy: Error {}

    private static func rerouted(_ url: String, through port: Int) throws -> String {
        var components = try #require(URLComponents(string: url))
        components.host = "127.0.0.1"
        components.port = port
        return try #require(components.string)
    }

    private static func drop(_ schema: String, _ admin: Database) async throws {
        try await admin.transaction { try $0.execute("DROP SCHEMA \(schema) CASCADE") }
        await admin.close()
    }
}

/// A flag that blocks a connection's thread inside a closure until the test raises it.
final class Gate: @unchecked Sendable {
    private let condition = NSCondition()
    private var opened = false

    var isOpen: Bool { condition.withLock { opened } }

    func open() {
        condition.withLock {
            opened = true
            condition.broadcast()
        }
    }

    func pass() { condition.withLock { while !opened { condition.wait() } } }
}

final class Counter: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    @discardableResult
    func increment() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

/// Runs `body` and gives the kind of the `SQLError` that it throws.
func kind(of body: () async throws -> Void) async throws -> SQLError.Kind? {
    do {
        try await body()
        return nil
    } catch let error as SQLError {
        return error.kind
    }
}

/// Gives others their turn until `condition` holds.
func until(_ condition: () -> Bool) async { while !condition() { await Task.yield() } }

@Suite struct ServerTests {
    @Test(.enabled(if: TestServer.url != nil || TestServer.isCI, TestServer.hint))
    func `PostgreSQL is there to be tested`() async throws {
        let url = try #require(TestServer.url, TestServer.hint)
        let database = try await Database.open(
            .postgres(url: url), options: TestServer.one(), logger: TestServer.logger)
        try await #expect(database.ping() > .zero)
        await database.close()
    }
}
