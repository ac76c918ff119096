import Foundation
import Testing

/// A database of a test's own on the MongoDB-protocol server, which the gateway reaches through a proxy and the test
/// directly.
struct FaultMongo: Sendable {
    let proxy: OutageProxy
    /// The gateway's way.
    let uri: String
    /// The test's way.
    let directURI: String

    /// - Parameter server: the URI of the server; nil for that of the whole run.
    static func run(
        on server: String? = nil, isUp: Bool = true, _ body: (FaultMongo) async throws -> Void
    ) async throws {
        let mongo = try FaultMongo(try #require(server ?? Storage.mongoURI, Storage.hint), isUp: isUp)
        defer { mongo.proxy.stop() }
        try await body(mongo)
    }

    private init(_ server: String, isUp: Bool) throws {
        var parts = try #require(URLComponents(string: server))
        proxy = try OutageProxy(to: UInt16(parts.port ?? 27017), isUp: isUp)
        parts.path = "/f_" + UUID().uuidString.replacing("-", with: "").lowercased()
        directURI = try #require(parts.string)
        parts.host = "127.0.0.1"
        parts.port = Int(proxy.port)
        uri = try #require(parts.string)
    }
}
