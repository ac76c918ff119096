import Foundation
import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// A database of its own that can be closed to everybody.
struct Outage: Sendable {
    private let admin: Database
    private let name: String
    private let folder: URL

    static func run(_ body: (Outage) async throws -> Void) async throws {
        let name = "spool_" + UUID().uuidString.replacing("-", with: "").lowercased()
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        let url = try #require(Engines.url)
        var options = DatabaseOptions()
        options.connections = 1
        let admin = try await Database.open(.postgres(url: url), options: options, logger: Engines.logger)
        // CREATE and DROP DATABASE can't stand in a transaction, so they go by psql.
        let outage = Outage(admin: admin, name: name, folder: folder)
        try outage.psql("CREATE DATABASE \(name)")
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(outage))
        } catch {
            outcome = .failure(error)
        }
        try outage.psql("DROP DATABASE \(name) WITH (FORCE)")
        await admin.close()
        try? FileManager.default.removeItem(at: folder)  // a left-over in the temporary folder is harmless
        try outcome.get()
    }

    /// - Parameter isInside: runs it in this database, and not in the server's own.
    func psql(_ statement: String, isInside: Bool = false) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
        let url = isInside ? try location() : try #require(Engines.url)
        process.arguments = ["-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    /// Nobody gets in any more, and whoever was in is thrown out.
    func begin() async throws {
        let name = name
        _ = try await admin.transaction { session in
            try session.execute("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS false")
        }
        _ = try await admin.transaction { session in
            try session.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(name)'")
        }
    }

    func end() async throws {
        let name = name
        _ = try await admin.transaction { session in
            try session.execute("ALTER DATABASE \(name) WITH ALLOW_CONNECTIONS true")
        }
    }

    /// The server's own.
    func port() throws -> UInt16 {
        let url = try #require(Engines.url)
        return UInt16(try #require(URLComponents(string: url)?.port))
    }

    func location(port: UInt16? = nil) throws -> String {
        let url = try #require(Engines.url)
        var components = try #require(URLComponents(string: url))
        components.path = "/\(name)"
        if let port { components.port = Int(port) }
        return try #require(components.string)
    }

    /// - Parameters:
    ///   - port: another way to the server than its own.
    ///   - data: the folder of its spool.
    func withGateway(port: UInt16? = nil, data: String = "data", _ body: @Sendable (Gateway) async throws -> Void)
        async throws
    {
        var settings = GatewaySettings(
            database: .postgres(url: try location(port: port)),
            uploadsDirectory: folder.appending(path: "uploads").path)
        settings.spoolDirectory = folder.appending(path: data).path
        settings.account = DefaultAccount(
            phoneNumberID: Harness.phoneNumberID, businessAccountID: nil, accessToken: nil)
        let gateway = try await Gateway.open(settings, metrics: Metrics(), logger: Engines.logger)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await Harness.serve(gateway) { try await body(gateway) })
        } catch {
            outcome = .failure(error)
        }
        await gateway.close()
        try outcome.get()
    }

    func webhook(_ number: Int) -> [UInt8] {
        Harness.webhook([
            "messages": [
                [
                    "from": "15550100001", "id": .string("wamid.\(number)"), "timestamp": "1785000000",
                    "type": "text", "text": ["body": .string("message \(number)")],
                ]
            ]
        ]).encoded()
    }

    /// How many webhooks the gateway says are spooled.
    func depth(_ gateway: Gateway) async -> Int? {
        await gateway.readiness().first { $0.name == "spool" }?.depth
    }

    func texts(_ gateway: Gateway, of phone: String = "15550100001") async throws -> [String?] {
        let phone = try #require(PhoneNumber(phone))
        return try await gateway.messages.history(phone: phone, limit: 1000).map(\.text)
    }

    /// Waits until so many messages are there; the drain looks again every few seconds.
    func wait(for count: Int, of phone: String = "15550100001", in gateway: Gateway) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            // The database may still be refusing for a moment.
            if let texts = try? await texts(gateway, of: phone), texts.count >= count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the spool was not drained")
    }
}
