import Fetch
import JSON
import Logging

@testable import Simulator

/// A running simulator with a webhook receiver and clients, for the length of one test.
struct Lab: Sendable {
    let simulator: Simulator
    let receiver: WebhookReceiver
    let fetch: FetchClient
    let client: SimulatorClient
    let base: String

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Statuses follow each other without delay unless the settings say otherwise.
    static func run(
        _ change: (inout SimulatorSettings) -> Void = { _ in }, _ body: @Sendable (Lab) async throws -> Void
    ) async throws {
        let receiver = try WebhookReceiver()
        defer { receiver.close() }
        var settings = SimulatorSettings()
        settings.port = 0
        settings.statusDelay = .zero
        settings.webhookURL = receiver.url
        change(&settings)
        let simulator = Simulator(settings: settings, logger: logger)
        let fetch = FetchClient(userAgent: "lab", logger: logger)
        defer { fetch.close() }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                do {
                    try await simulator.run()
                } catch is CancellationError {
                    // This is how a test ends it.
                }
            }
            let base = "http://127.0.0.1:\(try await simulator.listening())"
            try await body(
                Lab(
                    simulator: simulator, receiver: receiver, fetch: fetch,
                    client: SimulatorClient(baseURL: base, fetch: fetch), base: base))
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// One request to the Graph API with the right token.
    func graph(
        _ method: String, _ path: String, _ body: JSON? = nil, token: String? = "simulator-token",
        timeout: Duration = .seconds(20)
    ) async throws(FetchError) -> FetchResponse {
        var request = FetchRequest(method: method, url: base + path)
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        if let body {
            request.headers.append(("Content-Type", "application/json"))
            request.body = .bytes(body.encoded())
        }
        request.timeout = timeout
        return try await fetch.send(request)
    }

    /// Sends `body` to `to`, with what every send needs filled in.
    func send(
        to: String = "+15550100001", _ body: JSON, timeout: Duration = .seconds(20)
    ) async throws(FetchError) -> FetchResponse {
        var object = body.object ?? [:]
        object["messaging_product"] = object["messaging_product"] ?? "whatsapp"
        if object["to"] == nil, object["recipient"] == nil { object["to"] = .string(to) }
        return try await graph("POST", "/v25.0/200000000000101/messages", .object(object), timeout: timeout)
    }

    func sendText(
        _ text: String = "Hello", to: String = "+15550100001", timeout: Duration = .seconds(20)
    ) async throws(FetchError) -> FetchResponse {
        try await send(to: to, ["type": "text", "text": ["body": .string(text)]], timeout: timeout)
    }

    /// Uploads a file and gives back the answer.
    func upload(_ bytes: [UInt8], type: String, name: String) async throws(FetchError) -> FetchResponse {
        var request = FetchRequest(method: "POST", url: base + "/v25.0/200000000000101/media")
        request.headers = [("Authorization", "Bearer simulator-token")]
        request.body = .multipart([
            FetchPart(name: "messaging_product", content: .bytes(Array("whatsapp".utf8))),
            FetchPart(name: "type", content: .bytes(Array(type.utf8))),
            FetchPart(name: "file", content: .bytes(bytes), fileName: name, contentType: type),
        ])
        return try await fetch.send(request)
    }
}

extension FetchResponse {
    var json: JSON { (try? JSON(parsing: body)) ?? .null }
    var messageID: String { json["messages"]?[0]?["id"]?.string ?? "" }
    var errorCode: Int64? { json["error"]?["code"]?.int }
}
