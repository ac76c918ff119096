import Fetch
import Foundation
import SQL
import Testing
import WhatsApp

@testable import Gateway

/// Where a gateway under test keeps its files.
enum Files: String, Sendable {
    case folder, objects

    private static let environment = ProcessInfo.processInfo.environment
    static let endpoint = environment["TEST_S3_ENDPOINT"]

    /// The bucket of the tests' S3 server, under a prefix that no other test has.
    /// - Parameter key: the gateway's, or the one who may look at everything.
    static func settings(prefix: String, key: String = "TEST_S3_KEY") throws -> S3Settings {
        let endpoint: String = try #require(Self.endpoint)
        let parts = try #require(environment[key]).split(separator: ":").map(String.init)
        var settings = S3Settings(
            endpoint: endpoint, bucket: try #require(environment["TEST_S3_BUCKET"]), keyID: parts[0],
            secret: Secret(parts[1]))
        settings.prefix = prefix
        return settings
    }
}

@Test func `continuous integration tests object storage`() {
    let isCI = ProcessInfo.processInfo.environment["CI"] == "true"
    #expect(!isCI || Files.endpoint != nil, "TEST_S3_ENDPOINT must name a scratch S3 server")
}

/// What a rule of files is tested on: an engine, and a place for the files.
struct Stage: Sendable, CustomTestStringConvertible {
    let engine: SQLEngine
    let files: Files

    /// The folder with each engine, and object storage.
    static let all =
        Engines.all.map { Stage(engine: $0, files: .folder) }
        + (Files.endpoint == nil ? [] : [Stage(engine: Engines.all.last ?? .sqlite, files: .objects)])

    var testDescription: String { "\(engine), \(files)" }
}

/// Looks at what a gateway keeps, past the gateway.
struct StoredFiles: Sendable {
    let uploads: URL
    let objects: S3Settings?

    /// The names of stored files.
    func names() async throws -> [String] {
        guard let objects else { return Self.names(in: uploads.appending(path: "whatsapp")) }
        let answer = try await ask(
            S3Client.Call(method: "GET", query: [("list-type", "2"), ("prefix", objects.prefix)]))
        return S3Text.all("Key", in: answer.body).map { String($0.dropFirst(objects.prefix.count)) }
    }

    /// What is still on its way, on the disk or into storage.
    func unfinished() async throws -> [String] {
        // A gateway that is just ending takes its folder away, and then nothing is in it.
        let local = Self.names(in: uploads.appending(path: ".incoming")).filter { $0 != ".lock" }.flatMap { folder in
            (try? FileManager.default.contentsOfDirectory(
                atPath: uploads.appending(path: ".incoming/\(folder)").path)) ?? []
        }.filter { $0 != ".lock" }
        guard let objects else { return local }
        let answer = try await ask(S3Client.Call(method: "GET", query: [("prefix", objects.prefix), ("uploads", "")]))
        return local + S3Text.all("UploadId", in: answer.body)
    }

    func bytes(_ name: String) async throws -> [UInt8] {
        guard let objects else {
            return [UInt8](try Data(contentsOf: uploads.appending(path: "whatsapp/\(name)")))
        }
        return try await ask(
            S3Client.Call(method: "GET", key: objects.key(name), maxResponseBytes: 200 << 20)
        ).body
    }

    private func ask(_ call: S3Client.Call) async throws -> FetchResponse {
        let fetch = FetchClient(userAgent: "tests", logger: Engines.logger)
        defer { fetch.close() }
        let owner = try Files.settings(prefix: "", key: "TEST_S3_OWNER_KEY")
        return try await S3Client(settings: owner, fetch: fetch).send(call)
    }

    private static func names(in folder: URL) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? ["the folder can't be read"]
    }
}
