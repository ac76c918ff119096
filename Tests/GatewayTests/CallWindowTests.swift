import JSON
import SQL
import Testing
import WhatsApp

@testable import Gateway

@Suite struct CallWindowTests {
    private func call(
        _ event: String, direction: String, from: String, to: String, at time: Int64, _ harness: Harness
    ) async throws {
        try await harness.store(webhooks: [
            Harness.webhook(
                [
                    "calls": [
                        [
                            "id": "wacid.1", "from": .string(from), "to": .string(to), "event": .string(event),
                            "direction": .string(direction), "timestamp": .string(String(time / 1000)),
                        ]
                    ]
                ], field: "calls")
        ])
    }

    private func isOpen(_ harness: Harness) async throws -> Bool {
        let number = try #require(PhoneNumber("15550100001"))
        let draft = Draft(content: .text(body: "hello", previewURL: false))
        do {
            _ = try await harness.gateway.outbound.submit(draft, to: .phone(number, account: .default))
            return true
        } catch {
            guard error.code == .windowClosed else { throw error }
            return false
        }
    }

    @Test(arguments: Engines.all)
    func `a customer's call opens the window for twenty-four hours from its beginning`(
        _ engine: SQLEngine
    ) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            let start = harness.clock.now
            #expect(try await !isOpen(harness))
            try await call(
                "connect", direction: "USER_INITIATED", from: "15550100001", to: Harness.businessNumber, at: start,
                harness)
            #expect(try await isOpen(harness))
            harness.clock.advance(by: .seconds(24 * 3600 - 1))
            #expect(try await isOpen(harness))
            try await call(
                "terminate", direction: "USER_INITIATED", from: "15550100001", to: Harness.businessNumber,
                at: harness.clock.now, harness)
            // Meta delivers again what was long ago.
            try await call(
                "connect", direction: "USER_INITIATED", from: "15550100001", to: Harness.businessNumber, at: start,
                harness)
            harness.clock.advance(by: .seconds(1))
            #expect(try await !isOpen(harness))
        }
    }

    @Test(arguments: Engines.all)
    func `a call of the business opens nothing`(_ engine: SQLEngine) async throws {
        try await Harness.run(engine, isServing: false) { harness in
            try await call(
                "connect", direction: "BUSINESS_INITIATED", from: Harness.businessNumber, to: "15550100001",
                at: harness.clock.now, harness)
            #expect(try await !isOpen(harness))
        }
    }
}
