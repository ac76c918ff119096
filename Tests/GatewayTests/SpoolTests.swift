import Foundation
import Gateway
import JSON
import SQL
import Testing
import WhatsApp

@Suite(.enabled(if: Engines.url != nil, "needs TEST_DATABASE_URL")) struct SpoolTests {
    @Test func `webhooks are taken while the database is away, and stand in order when it is back`() async throws {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                try await outage.begin()
                for number in 2...40 { try await gateway.ingest.accept(outage.webhook(number)) }
                #expect(await outage.depth(gateway) == 39)
                try await outage.end()
                try await gateway.ingest.accept(outage.webhook(41))
                try await outage.wait(for: 41, in: gateway)
                #expect(try await outage.texts(gateway) == (1...41).map { "message \($0)" })
                #expect(await outage.depth(gateway) == 0)
            }
        }
    }

    @Test func `what was spooled outlives the process`() async throws {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                try await outage.begin()
                for number in 2...5 { try await gateway.ingest.accept(outage.webhook(number)) }
            }
            try await outage.end()
            try await outage.withGateway { gateway in
                try await outage.wait(for: 5, in: gateway)
                try await gateway.ingest.accept(outage.webhook(3))
                #expect(try await outage.texts(gateway) == (1...5).map { "message \($0)" })
            }
        }
    }

    @Test func `a database that hangs makes a webhook wait for seconds, and the next ones not at all`() async throws {
        try await Outage.run { outage in
            let proxy = try OutageProxy(to: outage.port())
            defer { proxy.stop() }
            try await outage.withGateway(port: proxy.port) { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                proxy.hang()
                let start = ContinuousClock.now
                try await gateway.ingest.accept(outage.webhook(2))
                // Its statements' own bounds would add up to more than half a minute.
                #expect(ContinuousClock.now - start < .seconds(30))
                let spooled = ContinuousClock.now
                for number in 3...20 { try await gateway.ingest.accept(outage.webhook(number)) }
                // Waiting as the first one did, they would take more than a minute.
                #expect(ContinuousClock.now - spooled < .seconds(30))
                #expect(await outage.depth(gateway) == 19)
                proxy.resume()
                try await outage.wait(for: 20, in: gateway)
                #expect(try await outage.texts(gateway) == (1...20).map { "message \($0)" })
            }
        }
    }

    @Test func `a webhook that the database does not take in the end is kept as failed, and the rest goes on`()
        async throws
    {
        try await Outage.run { outage in
            try await outage.withGateway { gateway in
                try await gateway.ingest.accept(outage.webhook(1))
                // As a statement does that always runs into its time limit.
                try outage.psql(
                    """
                    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN RAISE EXCEPTION ''too slow'' USING ERRCODE = ''57014''; END';
                    CREATE TRIGGER refuse BEFORE INSERT ON whatsapp_messages FOR EACH ROW
                        WHEN (NEW.text = 'message 7') EXECUTE FUNCTION refuse()
                    """, isInside: true)
                try await outage.begin()
                for number in 2...40 { try await gateway.ingest.accept(outage.webhook(number)) }
                try await outage.end()
                try await outage.wait(for: 39, in: gateway)
                let rest = [1, 2, 3, 4, 5, 6] + Array(8...40)
                #expect(try await outage.texts(gateway) == rest.map { "message \($0)" })
                #expect(await outage.depth(gateway) == 0)

                try outage.psql("DROP TRIGGER refuse ON whatsapp_messages", isInside: true)
                var failed = ReplaySelection()
                failed.states = [.failed]
                let report = try await gateway.replay.replay(failed)
                #expect(report.events == 1 && report.messages == 1)
                #expect(try await outage.texts(gateway) == (rest + [7]).map { "message \($0)" })
            }
        }
    }
}

/// A database of its own that can be closed to everybody.
private struct Outage: Sendable {
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

    private func location(port: UInt16? = nil) throws -> String {
        let url = try #require(Engines.url)
        var components = try #require(URLComponents(string: url))
        components.path = "/\(name)"
        if let port { components.port = Int(port) }
        return try #require(components.string)
    }

    /// - Parameter port: another way to the server than its own.
    func withGateway(port: UInt16? = nil, _ body: @Sendable (Gateway) async throws -> Void) async throws {
        var settings = GatewaySettings(
            database: .postgres(url: try location(port: port)),
            uploadsDirectory: folder.appending(path: "uploads").path)
        settings.spoolDirectory = folder.appending(path: "data").path
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

    func texts(_ gateway: Gateway) async throws -> [String?] {
        let phone = try #require(PhoneNumber("15550100001"))
        return try await gateway.messages.history(phone: phone, limit: 1000).map(\.text)
    }

    /// Waits until so many messages are there; the drain looks again every few seconds.
    func wait(for count: Int, in gateway: Gateway) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            // The database may still be refusing for a moment.
            if let texts = try? await texts(gateway), texts.count >= count { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("the spool was not drained")
    }
}
