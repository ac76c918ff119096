import JSON
import SQL
import Synchronization
import Testing

@testable import Gateway

/// An endpoint that fails for hours, and one that never comes back.
@Suite(.timeLimit(.minutes(10))) struct EndpointRetryTests {
    /// A backend that takes nothing while it is told so.
    private final class Backend: Sendable {
        private struct State {
            var status = 200
            var tries = 0
            var taken: [JSON] = []
        }

        private let state = Mutex(State())
        var taken: [JSON] { state.withLock { $0.taken } }
        var tries: Int { state.withLock { $0.tries } }

        func answer(with status: Int) { state.withLock { $0.status = status } }

        func serve() throws -> LocalServer {
            try LocalServer.answering { [self] request in
                let status = state.withLock { state in
                    state.tries += 1
                    // What can't be read is seen as a null.
                    if state.status == 200 { state.taken.append((try? JSON(parsing: request.body)) ?? .null) }
                    return state.status
                }
                return LocalServer.Reply(status: status)
            }
        }
    }

    private func run(
        _ engine: SQLEngine, _ body: @Sendable (Harness, Backend, Endpoint) async throws -> Void
    ) async throws {
        let backend = Backend()
        let server = try backend.serve()
        defer { server.stop() }
        try await Harness.run(engine) {
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
        } _: { harness in
            var change = EndpointChange()
            change.url = server.origin + "/hook"
            try await body(harness, backend, try await harness.gateway.endpoints.create(change))
        }
    }

    @Test(arguments: Engines.all)
    func `an endpoint that fails for hours gets everything once it is back, in the order of each room`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { harness, backend, endpoint in
            backend.answer(with: 503)
            let phones = ["15550100001", "15550100002", "15550100003"]
            for number in 0..<5 {
                try await harness.store(phones.map { harness.text("\(number)", from: $0, id: "wamid.\($0).\(number)") })
            }
            let start = harness.clock.now
            try await harness.pass("six hours have not passed") { harness.clock.now - start > 6 * .hour }
            #expect(try await harness.gateway.endpoints.find(endpoint.id).failingSince != nil)
            backend.answer(with: 200)
            try await harness.pass("not everything has come") { backend.taken.count >= 18 }
            try await harness.wait("jobs are left") { try await harness.count("SELECT COUNT(*) AS n FROM jobs") == 0 }
            for phone in phones {
                let events = backend.taken.filter { $0["room"]?.string == "whatsapp_\(phone)" }
                #expect(events.map { $0["sequence"]?.int } == [nil, 1, 2, 3, 4, 5])
                #expect(Set(events.map { $0["id"] }).count == 6)
            }
            #expect(backend.taken.count == 18)
            #expect(try await harness.gateway.endpoints.find(endpoint.id).failingSince == nil)
        }
    }

    @Test(arguments: Engines.all)
    func `an endpoint that fails for three days, or is gone, is disabled with a notice`(
        _ engine: SQLEngine
    ) async throws {
        try await run(engine) { harness, backend, endpoint in
            backend.answer(with: 500)
            try await harness.store([harness.text("Hi", from: "15550100001", id: "wamid.1")])
            let control = harness.gateway.endpoints
            try await harness.pass("it is still active") { try await control.find(endpoint.id).state == .disabled }
            let notice = try #require(
                try await harness.gateway.events.list(EventFilter(type: .webhookDisabled), limit: 9).events.first)
            #expect(notice.json["data"]?["endpoint"]?.string == endpoint.id)
            #expect(notice.json["data"]?["reason"] == "it answered 500")
            let tries = backend.tries
            #expect(tries >= 10)

            var change = EndpointChange()
            change.isActive = true
            backend.answer(with: 410)
            _ = try await control.update(endpoint.id, change)
            try await harness.pass("it is active again") { try await control.find(endpoint.id).state == .disabled }
            #expect(try await control.find(endpoint.id).disabledReason == "it answered 410")
        }
    }
}
