import Fetch
import Foundation
import JSON
import Testing

/// A chat backend at an address of its own: `scripts/endpoint_receiver.py`.
struct EndpointReceiver: Sendable {
    static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
    private static let python = FileManager.default.currentDirectoryPath + "/.venv/bin/python"
    private static let script = FileManager.default.currentDirectoryPath + "/scripts/endpoint_receiver.py"
    static let isInstalled = Storage.isCI || FileManager.default.isExecutableFile(atPath: python)
    static let hint: Comment = "scripts/test.sh installs the Python library that checks signatures"

    let port: Int
    private let fetch: FetchClient

    var url: String { "http://127.0.0.1:\(port)/hook" }

    static func run(_ body: @Sendable (EndpointReceiver) async throws -> Void) async throws {
        let fetch = FetchClient(userAgent: "vestibule-tests", logger: Storage.logger)
        defer { fetch.close() }
        let receiver = EndpointReceiver(port: Int(freePort()), fetch: fetch)
        try await withFolder { folder in
            let server = OwnServer(
                [python, script, "\(receiver.port)", secret], log: folder.appending(path: "log.txt")
            ) {
                // Not yet is why it is asked again.
                (try? await receiver.received()) != nil
            }
            try await always {
                try await server.start()
                try await body(receiver)
            } finally: {
                // What matters has been checked.
                try? await server.end(SIGKILL)
            }
        }
    }

    /// What came, in order.
    func received() async throws -> [JSON] {
        try await fetch.send(FetchRequest(url: "http://127.0.0.1:\(port)/received")).json.array ?? []
    }

    /// How events are answered from now on; a reply goes with `message.received` alone.
    /// - Parameter cutOff: each so manieth is taken, and the connection cut off before the answer; 0: none.
    func behave(status: Int, reply: JSON = .null, cutOff: Int = 0) async throws {
        let behaviour: JSON = [
            "status": .integer(Int64(status)), "reply": reply, "cutOff": .integer(Int64(cutOff)),
        ]
        let request = FetchRequest(
            method: "POST", url: "http://127.0.0.1:\(port)/behaviour", body: .bytes(behaviour.encoded()))
        #expect(try await fetch.send(request).status == 200)
    }
}
