import Fetch
import Foundation
import JSON

/// The webhook bodies beside the package, or where `VESTIBULE_FIXTURES` says, with their signatures.
struct FixtureFiles: Sendable {
    struct Webhook: Sendable {
        /// The file's, without `.json`.
        let name: String
        let body: [UInt8]
        let signature: String

        /// The body read as the server reads it; null when it is no JSON.
        var json: JSON { (try? JSON(parsing: body, mode: .lenient)) ?? .null }
    }

    /// In the order of their names.
    let webhooks: [Webhook]
    let appSecret: String
    let verifyToken: String
    /// Headers that must be refused, with what is wrong with them.
    let refused: [Header]
    let accepted: [Header]
    let verifications: [Verification]

    struct Header: Sendable {
        let what: String
        let file: String
        /// Nil when the header is absent.
        let value: String?
    }

    struct Verification: Sendable {
        let query: String
        let status: Int
        let body: String?
    }

    /// The business number that the server under test has; the files call it 15550200001.
    static let phoneNumberID = "200000000000101"

    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["VESTIBULE_FIXTURES"], !path.isEmpty {
            return URL(filePath: path)
        }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/fixtures/whatsapp")
    }()

    static func load() throws -> FixtureFiles {
        let index = try JSON(parsing: Array(Data(contentsOf: folder.appending(path: "webhook-signatures.json"))))
        let webhooks = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "webhooks").path)
            .filter { $0.hasSuffix(".json") }.sorted().map { file in
                Webhook(
                    name: String(file.dropLast(5)),
                    body: Array(try Data(contentsOf: folder.appending(path: "webhooks/\(file)"))),
                    signature: try found(index["files"]?[file]?.string, "the signature of \(file)"))
            }
        func headers(_ key: String) throws -> [Header] {
            try found(index[key]?.array, key).map {
                Header(
                    what: $0["case"]?.string ?? "", file: try found($0["file"]?.string, "a file of \(key)"),
                    value: $0["header"]?.string)
            }
        }
        let get = index["verification_get"]
        return FixtureFiles(
            webhooks: webhooks, appSecret: try found(index["app_secret"]?.string, "app_secret"),
            verifyToken: try found(get?["verify_token"]?.string, "verify_token"), refused: try headers("must_fail"),
            accepted: try headers("may_pass"),
            verifications: try found(get?["cases"]?.array, "cases").map {
                Verification(
                    query: $0["query"]?.string ?? "", status: Int(try found($0["status"]?.int, "status")),
                    body: $0["body"]?.string)
            })
    }

    private static func found<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw FixtureMissing(what: what) }
        return value
    }

    func webhook(_ file: String) throws -> Webhook {
        let name = file.hasSuffix(".json") ? String(file.dropLast(5)) : file
        return try Self.found(webhooks.first { $0.name == name }, file)
    }
}

struct FixtureMissing: Error, CustomStringConvertible {
    let what: String
    var description: String { "webhook-signatures.json and the webhooks beside it lack \(what)" }
}

extension Site {
    /// A server that the fixtures are meant for. Without a token it asks Meta for nothing: media stay pending.
    static func runForFixtures(
        _ storage: Storage, _ body: @Sendable (Site, FixtureFiles) async throws -> Void
    ) async throws {
        let fixtures = try FixtureFiles.load()
        try await run(
            storage,
            environment: [
                "WHATSAPP_PHONE_NUMBER_ID": FixtureFiles.phoneNumberID, "WHATSAPP_APP_SECRET": fixtures.appSecret,
                "WHATSAPP_WEBHOOK_VERIFY_TOKEN": fixtures.verifyToken, "WHATSAPP_ACCESS_TOKEN": "",
            ]
        ) { site in try await body(site, fixtures) }
    }

    func post(_ webhook: FixtureFiles.Webhook) async throws -> FetchResponse {
        try await postWebhook(webhook.body, signature: webhook.signature)
    }
}
