import Fetch
import Foundation
import JSON
import LiveKitStandIn
import Logging
import Testing

@testable import LiveKit

/// LiveKit's server for a test, and our clients of it.
struct TestServer {
    let standIn: StandInLiveKit
    let url: ServerURL
    let key: APIKey
    let fetch = FetchClient(userAgent: "vestibule-tests", logger: Logger(label: "livekit.tests"))

    var secret: String { standIn.secret }

    static func started() async throws -> TestServer {
        let standIn = try await StandInLiveKit.start()
        return TestServer(
            standIn: standIn, url: try #require(ServerURL(standIn.url)),
            key: APIKey(id: standIn.key, secret: standIn.secret))
    }

    @discardableResult
    func control(_ action: String, _ body: JSONObject = [:]) async throws -> JSON {
        try await standIn.control(action, body)
    }

    func answer(_ method: String, _ answer: JSONObject) async throws { try await standIn.answer(method, answer) }

    func calls() async throws -> [JSON] { try await standIn.calls() }

    func rooms(timing: ServerTiming = .patient, at now: Int64? = nil) -> RoomService {
        RoomService(fetch: fetch, url: url, key: key, timing: timing) { now ?? milliseconds() }
    }

    func dispatches(timing: ServerTiming = .patient) -> AgentDispatchService {
        AgentDispatchService(fetch: fetch, url: url, key: key, timing: timing, now: milliseconds)
    }

    /// The verdict of LiveKit's own library on a token: `claims`, `plain`, or `refused`.
    func verdict(on token: SignedToken) async throws -> JSON {
        try await control("verify", ["token": .string(token.reveal())])
    }
}

extension ServerTiming {
    /// For a machine that is busy with other tests.
    static var patient: ServerTiming {
        var timing = ServerTiming()
        timing.connect = .seconds(30)
        timing.request = .seconds(60)
        timing.total = .seconds(120)
        timing.firstPause = .milliseconds(10)
        return timing
    }
}

func milliseconds() -> Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

/// The error that `body` ends with; an issue when it ends well.
func failure<Value>(_ body: () async throws(ServerError) -> Value) async -> ServerError? {
    do throws(ServerError) {
        let value = try await body()
        Issue.record("ended well with \(value)")
        return nil
    } catch {
        return error
    }
}
