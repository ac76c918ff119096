import Foundation
import Logging
import Mongo
import Testing

@testable import Mongo

/// The server that the tests run against, named by `TEST_MONGODB_URI`.
enum MongoServer {
    private static let environment = ProcessInfo.processInfo.environment
    private static let uri = environment["TEST_MONGODB_URI"].flatMap { $0.isEmpty ? nil : $0 }

    /// True in CI even without a server, where the tests then fail rather than be passed over.
    static let isExpected = uri != nil || environment["CI"] == "true"
    static let hint: Comment = "needs a MongoDB server: set TEST_MONGODB_URI=mongodb://127.0.0.1:PORT"

    static var quiet: Logger {
        Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    }

    /// Runs `body` with a client and a collection of its own.
    static func withCollection(_ body: (MongoClient, String) async throws -> Void) async throws {
        let uri = try #require(uri, hint)
        let client = try MongoClient(uri: uri, defaultDatabase: "vestibule_test", threads: 4, logger: quiet)
        let collection = "t" + UUID().uuidString
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(client, collection))
        } catch {
            result = .failure(error)
        }
        // A collection that the test never made can't be dropped, and one that is left does no harm.
        _ = try? await client.run { session throws(MongoError) in
            try session.command(["drop": .string(collection)], isWrite: true)
        }
        await client.close()
        try result.get()
    }
}
