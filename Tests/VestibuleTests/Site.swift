import Crypto
import Fetch
import Foundation
import JSON
import Simulator
import Synchronization

/// A running server with databases, a folder and a simulated Meta of its own, for the length of one test.
final class Site: Sendable {
    let folder: URL
    let stores: Stores
    let fetch: FetchClient
    /// Meta: runs in the tests' process and outlives restarts of the server.
    let simulator: Simulator
    let meta: SimulatorClient
    let metaBase: String
    private let environment: [String: String]
    private let arguments: [String]
    private let running = Mutex<Program?>(nil)

    private init(
        folder: URL, stores: Stores, fetch: FetchClient, simulator: Simulator, port: Int,
        environment: [String: String], arguments: [String]
    ) {
        self.folder = folder
        self.stores = stores
        self.fetch = fetch
        self.simulator = simulator
        self.environment = environment
        self.arguments = arguments
        metaBase = "http://127.0.0.1:\(port)"
        meta = SimulatorClient(baseURL: metaBase, fetch: fetch)
    }

    /// - Parameters:
    ///   - environment: settings beside, or in place of, those that connect the server with everything; "" takes one
    ///     of these away.
    ///   - simulated: Meta's side; it gets a free port, and its statuses follow each other without delay.
    static func run(
        _ storage: Storage = .sqlite, environment: [String: String] = [:], arguments: [String] = ["serve"],
        simulated: SimulatorSettings = SimulatorSettings(), _ body: @Sendable (Site) async throws -> Void
    ) async throws {
        try await Seats.servers.taking {
            try await runSeated(storage, environment: environment, arguments: arguments, simulated, body)
        }
    }

    private static func runSeated(
        _ storage: Storage, environment: [String: String], arguments: [String], _ simulated: SimulatorSettings,
        _ body: @Sendable (Site) async throws -> Void
    ) async throws {
        var settings = simulated
        settings.port = 0
        settings.statusDelay = .zero
        let simulator = Simulator(settings: settings, logger: Storage.logger)
        let fetch = FetchClient(userAgent: "vestibule-tests", logger: Storage.logger)
        defer { fetch.close() }
        try await withFolder { folder in
            try await storage.withFresh(folder: folder) { stores in
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask {
                        do {
                            try await simulator.run()
                        } catch is CancellationError {
                            // This is how a test ends it.
                        }
                    }
                    let port = try await simulator.listening()
                    var all = connection(settings, port: port, folder: folder)
                    all.merge(stores.environment) { $1 }
                    all.merge(environment) { $1 }
                    let site = Site(
                        folder: folder, stores: stores, fetch: fetch, simulator: simulator, port: port,
                        environment: all.filter { !$0.value.isEmpty }, arguments: arguments)
                    try await always {
                        try await site.start()
                        try await body(site)
                    } finally: {
                        await site.kill()
                    }
                    tasks.cancelAll()
                    try await tasks.waitForAll()
                }
            }
        }
    }

    /// The settings that connect a server with the simulator.
    private static func connection(_ simulator: SimulatorSettings, port: Int, folder: URL) -> [String: String] {
        [
            "PATH": "/usr/bin:/bin", "HOME": folder.path,
            "UPLOADS_DIR": folder.appending(path: "uploads").path,
            // Several tests share a database server of a hundred connections.
            "DATABASE_CONNECTIONS": "4",
            "WHATSAPP_GRAPH_URL": "http://127.0.0.1:\(port)",
            "WHATSAPP_PHONE_NUMBER_ID": simulator.phoneNumberID,
            "WHATSAPP_BUSINESS_ACCOUNT_ID": simulator.businessAccountID,
            "WHATSAPP_ACCESS_TOKEN": simulator.accessToken,
            "WHATSAPP_APP_SECRET": simulator.appSecret,
            "WHATSAPP_WEBHOOK_VERIFY_TOKEN": simulator.verifyToken,
        ]
    }

    // MARK: The server's life

    var program: Program { running.withLock { $0! } }
    var base: String { program.base }
    var uploads: URL { folder.appending(path: "uploads") }
    /// The settings the server runs with, for commands beside it.
    var settings: [String: String] { environment }

    /// Starts the server, again after a stop, and tells the simulator where it is.
    func start() async throws {
        let program = try await Program.serve(
            arguments, environment: environment, folder: folder, fetch: fetch)
        running.withLock { $0 = program }
        simulator.setWebhook(url: program.base + "/whatsapp/webhook")
    }

    @discardableResult
    func stop() async throws -> ProgramEnding { try await program.stop() }

    func kill() async { await running.withLock { $0 }?.kill() }

    /// Runs a command with the server's settings.
    func command(_ arguments: [String], environment extra: [String: String] = [:]) async throws -> ProgramResult {
        let beside = folder.appending(path: "command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: beside, withIntermediateDirectories: true)
        let all = environment.merging(extra) { $1 }.filter { !$0.value.isEmpty }
        return try await Program.run(arguments, environment: all, folder: beside)
    }

    // MARK: Requests

    /// One request to the server, with a JSON body or none.
    func call(
        _ method: String, _ path: String, _ body: JSON? = nil, headers: [(String, String)] = []
    ) async throws -> FetchResponse {
        try await call(method, path, bytes: body?.encoded(), headers: headers)
    }

    func call(
        _ method: String, _ path: String, bytes: [UInt8]?, headers: [(String, String)] = []
    ) async throws -> FetchResponse {
        var request = FetchRequest(method: method, url: base + path, headers: headers)
        if let bytes {
            if !headers.contains(where: { $0.0.lowercased() == "content-type" }) {
                request.headers.append(("Content-Type", "application/json"))
            }
            request.body = .bytes(bytes)
        }
        request.timeout = .seconds(40)
        request.maxResponseBytes = 32 << 20
        return try await fetch.send(request)
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> FetchResponse {
        try await call("GET", path, headers: headers)
    }

    /// Posts a webhook with the right signature, or with the one given.
    func postWebhook(_ body: [UInt8], signature: String? = nil) async throws -> FetchResponse {
        let signed = signature ?? Self.signature(of: body, secret: simulator.settings.appSecret)
        return try await call(
            "POST", "/whatsapp/webhook", bytes: body, headers: [("X-Hub-Signature-256", signed)])
    }

    static func signature(of body: [UInt8], secret: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))
        return "sha256=" + code.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }

    /// The messages of a number, as `GET /whatsapp/messages/:phone` tells them.
    func messages(_ phone: String) async throws -> [JSON] {
        try await get("/whatsapp/messages/\(phone)?limit=1000").json.array ?? []
    }

    /// Waits until the number's messages are as asked.
    @discardableResult
    func messages(
        _ phone: String, _ what: String, where fits: ([JSON]) -> Bool
    ) async throws -> [JSON] {
        try await eventually("the messages of \(phone): \(what)") {
            let messages = try await self.messages(phone)
            return fits(messages) ? messages : nil
        }
    }
}

extension FetchResponse {
    var json: JSON { (try? JSON(parsing: body)) ?? .null }  // null is what tests then see
    var text: String { String(decoding: body, as: UTF8.self) }
    var errorCode: String? { json["error"]?["code"]?.string }
    var errorMessage: String { json["error"]?["message"]?.string ?? "" }
}

/// A new folder, removed with everything in it at the end. An empty `.env` in it keeps others from being read.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "vestibule-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer {
        try? FileManager.default.removeItem(at: folder)  // a left-over in the temporary folder harms nobody
    }
    try Data().write(to: folder.appending(path: ".env"))
    return try await body(folder)
}
