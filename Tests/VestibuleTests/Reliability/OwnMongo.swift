import Foundation
import Mongo
import Testing

/// A MongoDB-protocol server (SecantusDB) of a test's own, which can be killed and started again.
struct OwnMongo: Sendable {
    let uri: String
    private let server: OwnServer

    private static let program = FileManager.default.currentDirectoryPath + "/.venv/bin/secantusd-py"
    static let isInstalled = FileManager.default.isExecutableFile(atPath: program)
    static let hint: Comment = "scripts/test.sh installs SecantusDB, of which the test starts a server of its own"

    static func run(_ body: (OwnMongo) async throws -> Void) async throws {
        try await withFolder { folder in
            let mongo = try OwnMongo(folder)
            try await always {
                try await mongo.start()
                try await body(mongo)
            } finally: {
                // Its folder goes with it; what matters has been checked.
                try? await mongo.kill()
            }
        }
    }

    private init(_ folder: URL) throws {
        let port = freePort()
        let uri = "mongodb://127.0.0.1:\(port)/?directConnection=true"
        self.uri = uri
        // A configuration of the user's would otherwise be picked up.
        let configuration = folder.appending(path: "secantusd.toml")
        try Data().write(to: configuration)
        server = OwnServer(
            [
                Self.program, "--config", configuration.path, "--host", "127.0.0.1", "--port", "\(port)",
                "--storage-path", folder.appending(path: "mongo").path, "--log-level", "WARNING",
            ], log: folder.appending(path: "log.txt")
        ) {
            guard let client = try? MongoClient(uri: uri, logger: Storage.logger) else { return false }
            // Not yet is why it is asked again.
            let time = try? await client.ping(within: .seconds(2))
            await client.close()
            return time != nil
        }
    }

    func kill() async throws { try await server.end(SIGKILL) }

    /// Starts it on what the kill left.
    func start() async throws { try await server.start() }
}
