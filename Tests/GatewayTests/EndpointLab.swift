import JSON
import SQL
import Synchronization
import Testing

@testable import Gateway

/// A gateway with one endpoint, and the backend behind it in the test's hands.
struct EndpointLab: Sendable {
    let harness: Harness
    let backend: Backend
    let endpoint: Endpoint
    var control: EndpointService { harness.gateway.endpoints }

    /// A backend that answers as it is told.
    final class Backend: Sendable {
        struct Delivery: Sendable {
            let event: JSON
            let headers: [String: String]
            let status: Int

            var sequence: Int64? { event["sequence"]?.int }
        }

        private struct State {
            var deliveries: [Delivery] = []
            var answer: @Sendable (JSON) -> LocalServer.Reply = { _ in LocalServer.Reply() }
        }

        private let state = Mutex(State())
        /// Every try, in order.
        var tries: [Delivery] { state.withLock { $0.deliveries } }
        var taken: [Delivery] { tries.filter { $0.status == 200 } }

        func answer(with status: Int) { answer { _ in LocalServer.Reply(status: status) } }

        func answer(_ answer: @escaping @Sendable (JSON) -> LocalServer.Reply) {
            state.withLock { $0.answer = answer }
        }

        func taken(in room: String) -> [Delivery] { taken.filter { $0.event["room"]?.string == room } }

        func serve() throws -> LocalServer {
            try LocalServer.answering { [self] request in
                // What can't be read is seen as a null.
                let event = (try? JSON(parsing: request.body)) ?? .null
                return state.withLock { state in
                    let reply = state.answer(event)
                    state.deliveries.append(
                        Delivery(event: event, headers: request.headers, status: reply.status))
                    return reply
                }
            }
        }
    }

    static func run(
        _ engine: SQLEngine, isServing: Bool = true, change: (inout GatewaySettings) -> Void = { _ in },
        _ body: @Sendable (EndpointLab) async throws -> Void
    ) async throws {
        let backend = Backend()
        let server = try backend.serve()
        defer { server.stop() }
        try await Harness.run(engine, isServing: isServing) {
            $0.mediaFetchAllow = ["127.0.0.1:\(server.port)"]
            $0.replyDraft = { reply in
                Draft(content: .text(body: reply["text"]?.string ?? "", previewURL: false))
            }
            change(&$0)
        } _: { harness in
            var change = EndpointChange()
            change.url = server.origin + "/hook"
            let endpoint = try await harness.gateway.endpoints.create(change).endpoint
            try await body(EndpointLab(harness: harness, backend: backend, endpoint: endpoint))
        }
    }

    func write(_ texts: [String], from phone: String = "15550100001") async throws {
        for text in texts {
            try await harness.store([harness.text(text, from: phone, id: "wamid.\(phone).\(text)")])
        }
        harness.gateway.dispatch.signal.raise()
    }

    /// Lets time pass at once, when nothing is under way.
    func skip(_ duration: Duration) async throws {
        try await harness.wait("something is under way") {
            if case .until = try await harness.work() { true } else { false }
        }
        harness.clock.advance(by: duration)
        harness.gateway.jobs.signal.raise()
    }

    func state() async throws -> Endpoint { try await control.find(endpoint.id) }

    /// Jobs of this kind in this state.
    func jobs(_ condition: String = "true") async throws -> Int64 {
        try await harness.count("SELECT COUNT(*) AS n FROM jobs WHERE kind = 'deliver_event' AND \(condition)")
    }

    /// Waits until all that happened is made jobs of, and while the endpoint fails lets the time pass for it.
    func dispatched() async throws {
        let last = try await harness.count("SELECT position AS n FROM event_counter WHERE name = 'events'")
        try await harness.wait("not everything is queued") {
            let endpoint = try await state()
            if let time = endpoint.health.retryAt, time > harness.clock.now {
                try await skip(.milliseconds(time - harness.clock.now))
                harness.gateway.dispatch.signal.raise()
            }
            return endpoint.position >= last
        }
    }

    /// Lets the time pass from one due job to the next until something is so, and stands where the endpoint may be tried
    /// again until what happened meanwhile is made jobs of.
    func pass(
        _ what: String, at place: SourceLocation = #_sourceLocation, until isSo: () async throws -> Bool
    ) async throws {
        try await harness.wait(what, at: place) {
            // First: what is made a job meanwhile is seen as one.
            let endpoint = try await state()
            let last = try await harness.count("SELECT position AS n FROM event_counter WHERE name = 'events'")
            let now = harness.clock.now
            let look = endpoint.position < last ? endpoint.health.retryAt ?? now : nil
            guard case .until(let due) = try await harness.work() else { return false }
            // Last: what was under way before has ended, and is seen.
            if try await isSo() { return true }
            if let next = [due, look].compactMap(\.self).min(), next > now {
                harness.clock.advance(by: .milliseconds(next - now))
                harness.gateway.jobs.signal.raise()
            }
            harness.gateway.dispatch.signal.raise()
            return false
        }
    }

    /// Waits until nothing is left to be told.
    func settle() async throws {
        try await dispatched()
        try await harness.pass("not everything was told") { try await jobs("state <> 'dead'") == 0 }
    }

    func outgoing() async throws -> [String?] {
        try await harness.history("+15550100001").filter { $0.direction == .outgoing }.map(\.text)
    }
}
