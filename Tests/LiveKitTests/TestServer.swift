import Fetch
import Foundation
import JSON
import Logging
import Testing

@testable import LiveKit

/// A LiveKit server of a test's own, with a key that no other test has: scripts/livekit_server.py, which says what its
/// actions do.
struct TestServer {
    let url: ServerURL
    let key: APIKey
    let secret: String
    let fetch = FetchClient(userAgent: "vestibule-tests", logger: Logger(label: "livekit.tests"))

    static func started() async throws -> TestServer {
        let address = try #require(
            ProcessInfo.processInfo.environment["TEST_LIVEKIT_URL"], "run scripts/test.sh: it starts the servers")
        let url = try #require(ServerURL(address))
        let made = try await post("\(url.api)/control", [:])
        let id = try #require(made["key"]?.string)
        let secret = try #require(made["secret"]?.string)
        return TestServer(url: url, key: APIKey(id: id, secret: secret), secret: secret)
    }

    @discardableResult
    func control(_ action: String, _ body: JSONObject = [:]) async throws -> JSON {
        try await Self.post("\(url.api)/control/\(key.id)/\(action)", body)
    }

    /// The next calls of `method` are answered by `answer`.
    func answer(_ method: String, _ answer: JSONObject) async throws {
        var body = answer
        body["method"] = .string(method)
        try await control("answer", body)
    }

    /// The methods called so far with good tokens, in order.
    func calls() async throws -> [JSON] {
        try #require(try await control("calls")["calls"]?.array)
    }

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

    private static func post(_ url: String, _ body: JSONObject) async throws -> JSON {
        let client = FetchClient(userAgent: "vestibule-tests", logger: Logger(label: "livekit.tests"))
        var request = FetchRequest(method: "POST", url: url, body: .bytes(JSON.object(body).encoded()))
        request.timeout = .seconds(60)
        let response = try await client.send(request)
        try #require(response.status == 200, "\(String(decoding: response.body, as: UTF8.self))")
        return try JSON(parsing: response.body)
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
