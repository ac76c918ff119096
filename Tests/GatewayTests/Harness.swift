import Crypto
import Foundation
import Gateway
import JSON
import Logging
import SQL
import ServiceLifecycle
import Synchronization
import Testing
import WhatsApp

/// The engines that every rule is tested on.
enum Engines {
    static let url = ProcessInfo.processInfo.environment["TEST_DATABASE_URL"]
    static let all: [SQLEngine] = url == nil ? [.sqlite] : [.sqlite, .postgres]
    static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

@Test func `continuous integration tests both SQL engines`() {
    let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
    #expect(!isCI || Engines.url != nil, "TEST_DATABASE_URL must name a scratch PostgreSQL server")
}

/// A gateway over a fresh database of one engine, its services running, its clock in the test's hands.
struct Harness: Sendable {
    let gateway: Gateway
    let database: Database
    let clock: TestClock
    let uploads: URL
    /// What the gateway was opened with, so that a test can open it again.
    let settings: GatewaySettings
    let metrics: Metrics
    var files: StoredFiles { StoredFiles(uploads: uploads, objects: settings.objectStorage) }

    static let phoneNumberID = "200000000000101"
    static let businessNumber = "15550200001"

    /// - Parameter isServing: false leaves the services still, so that the test takes each step itself.
    static func run(
        _ engine: SQLEngine, graphURL: String = "http://127.0.0.1:9", mongoURI: String? = nil,
        isServing: Bool = true, change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (Harness) async throws -> Void
    ) async throws {
        try await run(
            Stage(engine: engine, files: .folder), graphURL: graphURL, mongoURI: mongoURI, isServing: isServing,
            change: change, body)
    }

    /// - Parameter isServing: as above.
    static func run(
        _ stage: Stage, graphURL: String = "http://127.0.0.1:9", mongoURI: String? = nil,
        isServing: Bool = true, change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (Harness) async throws -> Void
    ) async throws {
        await Places.shared.take()
        defer { Places.shared.giveBack() }
        let name = "vestibule_" + UUID().uuidString.replacing("-", with: "").lowercased()
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try await withLocation(stage.engine, name, folder) { location in
            var settings = GatewaySettings(database: location, uploadsDirectory: folder.appending(path: "uploads").path)
            settings.account = DefaultAccount(
                phoneNumberID: phoneNumberID, businessAccountID: "100000000000101", accessToken: Secret("token"))
            settings.graphURL = graphURL
            settings.databaseConnections = 4
            // Nothing tells the runner that a test has moved the clock.
            settings.jobPoll = .milliseconds(250)
            // The clock stands still unless a test moves it, and with it the number's limit.
            settings.sendRatePerSecond = 10_000
            settings.mongoURI = mongoURI
            if stage.files == .objects { settings.objectStorage = try Files.settings(prefix: "\(name)/") }
            change(&settings)
            let clock = TestClock()
            let metrics = Metrics()
            let gateway = try await open(settings, clock, metrics)
            let outcome: Result<Void, any Error>
            do {
                var options = DatabaseOptions()
                options.connections = 2
                let database = try await Database.open(location, options: options, logger: Engines.logger)
                let harness = Harness(
                    gateway: gateway, database: database, clock: clock, uploads: folder.appending(path: "uploads"),
                    settings: settings, metrics: metrics)
                do {
                    if isServing {
                        try await serve(gateway) { try await body(harness) }
                    } else {
                        try await body(harness)
                    }
                    outcome = .success(())
                } catch {
                    outcome = .failure(error)
                }
                await database.close()
            } catch {
                outcome = .failure(error)
            }
            await gateway.close()
            try outcome.get()
        }
    }

    static func open(
        _ settings: GatewaySettings, _ clock: TestClock, _ metrics: Metrics = Metrics()
    ) async throws -> Gateway {
        try await Gateway.open(settings, metrics: metrics, clock: Clock { clock.now }, logger: Engines.logger)
    }

    /// Another gateway over the same database, serving for as long as the body takes.
    func again(_ body: @Sendable (Gateway) async throws -> Void) async throws {
        let next = try await Self.open(settings, clock)
        let outcome: Result<Void, any Error>
        do {
            try await Self.serve(next) { try await body(next) }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await next.close()
        try outcome.get()
    }

    /// Runs the gateway's services for as long as the body takes, and then stops them as a `SIGTERM` does.
    static func serve(_ gateway: Gateway, _ body: @Sendable () async throws -> Void) async throws {
        let group = ServiceGroup(services: gateway.services, logger: Engines.logger)
        let outcome = await withTaskGroup { tasks in
            tasks.addTask { try? await group.run() }  // the test's own outcome is what counts
            let outcome: Result<Void, any Error>
            do {
                outcome = .success(try await body())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            await tasks.waitForAll()
            return outcome
        }
        try outcome.get()
    }

    private static func withLocation(
        _ engine: SQLEngine, _ name: String, _ folder: URL, _ body: (DatabaseLocation) async throws -> Void
    ) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer {
            try? FileManager.default.removeItem(at: folder)  // a left-over in the temporary folder is harmless
        }
        guard engine == .postgres else { return try await body(.sqlite(path: folder.appending(path: "test.db").path)) }
        let url = try #require(Engines.url)
        var options = DatabaseOptions()
        options.connections = 1
        let admin = try await Database.open(.postgres(url: url), options: options, logger: Engines.logger)
        _ = try await admin.transaction { session in try session.execute("CREATE SCHEMA \(name)") }
        var components = try #require(URLComponents(string: url))
        components.queryItems =
            (components.queryItems ?? []) + [URLQueryItem(name: "options", value: "-csearch_path=\(name)")]
        let located = try #require(components.string)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(.postgres(url: located)))
        } catch {
            outcome = .failure(error)
        }
        _ = try await admin.transaction { session in try session.execute("DROP SCHEMA \(name) CASCADE") }
        await admin.close()
        try outcome.get()
    }
}

extension Harness {
    /// Posts a webhook as Meta does, its signature already checked.
    func receive(_ body: JSON) async throws { try await gateway.ingest.accept(body.encoded()) }

    /// A webhook with these `messages[]`.
    func receive(messages: [JSON], contacts: [JSON] = []) async throws {
        try await receive(Self.webhook(["messages": .array(messages), "contacts": .array(contacts)]))
    }

    func receive(statuses: [JSON]) async throws { try await receive(Self.webhook(["statuses": .array(statuses)])) }

    static func webhook(_ value: JSONObject, field: String = "messages") -> JSON {
        var value = value
        value["messaging_product"] = "whatsapp"
        value["metadata"] = [
            "display_phone_number": .string(businessNumber), "phone_number_id": .string(phoneNumberID),
        ]
        let change: JSON = ["field": .string(field), "value": .object(value)]
        return [
            "object": "whatsapp_business_account",
            "entry": [["id": "100000000000101", "changes": [change]]],
        ]
    }

    func text(_ body: String, from phone: String, id: String, at time: Int64? = nil) -> JSON {
        [
            "from": .string(phone), "id": .string(id), "timestamp": .string(String((time ?? clock.now) / 1000)),
            "type": "text", "text": ["body": .string(body)],
        ]
    }

    func status(_ status: String, of id: String, at time: Int64? = nil) -> JSON {
        [
            "id": .string(id), "status": .string(status), "timestamp": .string(String((time ?? clock.now) / 1000)),
            "recipient_id": "15550100001",
        ]
    }

    func history(_ phone: String) async throws -> [Message] {
        try await gateway.messages.history(phone: #require(PhoneNumber(phone)), limit: 1000)
    }

    /// Whether the account is paused, as every gateway on the database sees it.
    func isPaused() async throws -> Bool {
        try await count("SELECT COUNT(*) AS n FROM tenant_whatsapp_config WHERE status = 'paused'") == 1
    }

    /// One number out of the database.
    func count(_ sql: String) async throws -> Int64 {
        try await database.read { session in try session.query(sql).first?.integer("n") ?? -1 }
    }
}

/// Time that moves when the test says so.
final class TestClock: Sendable {
    private let time = Mutex(Int64(1_785_000_000_000))
    var now: Int64 { time.withLock { $0 } }
    func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        time.withLock { $0 += seconds * 1000 + attoseconds / 1_000_000_000_000_000 }
    }
}
