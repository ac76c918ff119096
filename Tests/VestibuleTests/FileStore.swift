import Foundation
import Testing

/// Where a server keeps its files.
enum FileStore: String, Sendable, CaseIterable {
    case folder, objects

    private static let environment = ProcessInfo.processInfo.environment

    /// Whether there is object storage to test with.
    static let isComplete = environment["TEST_S3_ENDPOINT"] != nil
    /// Those that can be tested with the servers at hand: all of them in continuous integration.
    static let all = isComplete ? allCases : [.folder]

    /// The settings that make a server keep its files there, away from those of any other test.
    func settings() throws -> [String: String] {
        guard self == .objects else { return [:] }
        let environment = Self.environment
        let key = try #require(environment["TEST_S3_KEY"]).split(separator: ":").map(String.init)
        return [
            "S3_ENDPOINT": try #require(environment["TEST_S3_ENDPOINT"]),
            "S3_BUCKET": try #require(environment["TEST_S3_BUCKET"]), "S3_PREFIX": "\(UUID().uuidString)/",
            "AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1],
        ]
    }
}
