import Fetch
import Gateway
import JSON
import SQL
import ServiceLifecycle
import Simulator
import Testing
import WhatsApp

/// A gateway whose Graph API is the simulator, and one customer who has just written.
struct SendHarness: Sendable {
    let harness: Harness
    let simulator: SimulatorClient
    let simulatorURL: String

    static let customer = "15550100001"
    var room: RoomName { RoomName(rawValue: "whatsapp_\(Self.customer)") }
    var gateway: Gateway { harness.gateway }

    static func run(
        _ engine: SQLEngine, isServing: Bool = true, change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (SendHarness) async throws -> Void
    ) async throws {
        try await run(Stage(engine: engine, files: .folder), isServing: isServing, change: change, body)
    }

    static func run(
        _ stage: Stage, isServing: Bool = true, change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (SendHarness) async throws -> Void
    ) async throws {
        var settings = SimulatorSettings()
        settings.port = 0
        settings.accessToken = "token"
        settings.statusDelay = .seconds(3600)
        let simulator = Simulator(settings: settings, logger: Engines.logger)
        let group = ServiceGroup(services: [simulator], logger: Engines.logger)
        let outcome = await withTaskGroup { tasks in
            tasks.addTask { try? await group.run() }  // the test's own outcome is what counts
            let outcome: Result<Void, any Error>
            do {
                let url = "http://127.0.0.1:\(try await simulator.listening())"
                let fetch = FetchClient(userAgent: "test", logger: Engines.logger)
                defer { fetch.close() }
                let client = SimulatorClient(baseURL: url, fetch: fetch)
                try await Harness.run(stage, graphURL: url, isServing: isServing, change: change) { harness in
                    try await harness.store([harness.text("Hi", from: customer, id: "wamid.first")])
                    try await body(SendHarness(harness: harness, simulator: client, simulatorURL: url))
                }
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            await tasks.waitForAll()
            return outcome
        }
        try outcome.get()
    }

    func text(_ body: String) -> Draft { Draft(content: .text(body: body, previewURL: false)) }

    func submit(_ draft: Draft, key: String? = nil) async throws -> Message {
        let phone = try #require(PhoneNumber(Self.customer))
        return try await gateway.outbound.submit(
            draft, to: .phone(phone, account: .default), idempotencyKey: key
        ).message
    }

    /// Submits and waits for the first outcome.
    func send(_ draft: Draft) async throws -> Message {
        try await gateway.outbound.outcome(of: submit(draft).messageID, within: .seconds(60)).message
    }

    func find(_ id: MessageID) async throws -> Message {
        try await gateway.outbound.outcome(of: id, within: .zero).message
    }

    /// Moves the clock on and on until the message is in this state; gives up after a while of real time.
    func advance(_ id: MessageID, to status: MessageStatus, by step: Duration) async throws -> Message {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let message = try await find(id)
            if message.status == status { return message }
            harness.clock.advance(by: step)
            try await Task.sleep(for: .milliseconds(300))  // the job runner looks about once a second
        }
        return try await find(id)
    }

    /// What the customer's phone got, in order.
    func received() async throws -> [String] {
        try await simulator.sent(to: Self.customer).compactMap { $0["text"]?.string ?? $0["type"]?.string }
    }
}
