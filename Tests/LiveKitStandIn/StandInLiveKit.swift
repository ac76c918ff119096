import Fetch
import Foundation
import JSON
import Logging

/// A LiveKit server of a test's own, with a key that no other test has: scripts/livekit_server.py, which says what its
/// actions do.
package struct StandInLiveKit: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// As `LIVEKIT_URL`.
    package let url: String
    package let key: String
    package let secret: String

    private static let fetch = FetchClient(userAgent: "vestibule-tests", logger: Logger(label: "livekit.tests"))

    package static func start() async throws -> StandInLiveKit {
        guard let url = ProcessInfo.processInfo.environment["TEST_LIVEKIT_URL"] else {
            throw Failure(description: "run scripts/test.sh: it starts the servers")
        }
        let made = try await post("\(api(url))/control", [:])
        guard let key = made["key"]?.string, let secret = made["secret"]?.string else {
            throw Failure(description: "no key")
        }
        return StandInLiveKit(url: url, key: key, secret: secret)
    }

    @discardableResult
    package func control(_ action: String, _ body: JSONObject = [:]) async throws -> JSON {
        try await Self.post("\(Self.api(url))/control/\(key)/\(action)", body)
    }

    /// The next calls of `method` are answered by `answer`.
    package func answer(_ method: String, _ answer: JSONObject) async throws {
        var body = answer
        body["method"] = .string(method)
        try await control("answer", body)
    }

    /// The calls so far with good tokens, in order, of one method or of all.
    package func calls(_ method: String? = nil) async throws -> [JSON] {
        let all = try await control("calls")["calls"]?.array ?? []
        return all.filter { method == nil || $0["method"]?.string == method }
    }

    /// Puts somebody into a room, as if they had joined.
    package func join(_ room: String, _ identity: String, _ fields: JSONObject = [:]) async throws {
        var body = fields
        body["room"] = .string(room)
        body["identity"] = .string(identity)
        try await control("join", body)
    }

    /// What `SendData` has brought to those in the room.
    package func packets(_ room: String) async throws -> [JSON] {
        try await control("packets", ["room": .string(room)])["packets"]?.array ?? []
    }

    private static func api(_ url: String) -> String { url.replacing("ws://", with: "http://") }

    private static func post(_ url: String, _ body: JSONObject) async throws -> JSON {
        var request = FetchRequest(method: "POST", url: url, body: .bytes(JSON.object(body).encoded()))
        request.timeout = .seconds(60)
        let response = try await fetch.send(request)
        guard response.status == 200 else {
            throw Failure(description: "\(response.status): \(String(decoding: response.body, as: UTF8.self))")
        }
        return try JSON(parsing: response.body)
    }
}
