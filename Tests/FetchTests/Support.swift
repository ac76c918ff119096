import Foundation
import Logging
import Testing

@testable import Fetch

func client(connections: Int = 64) -> FetchClient {
    FetchClient(userAgent: "vestibule-tests", logger: Logger(label: "fetch.tests"), connections: connections)
}

func get(_ url: String, _ change: (inout FetchRequest) -> Void = { _ in }) -> FetchRequest {
    var request = FetchRequest(url: url)
    request.timeout = .seconds(60)
    change(&request)
    return request
}

func post(_ url: String, _ body: String = "{}", _ change: (inout FetchRequest) -> Void = { _ in }) -> FetchRequest {
    get(url) {
        $0.method = "POST"
        $0.body = .bytes(Array(body.utf8))
        change(&$0)
    }
}

/// The error that `body` ends with; an issue when it ends well.
func failure<T>(_ body: () async throws(FetchError) -> T) async -> FetchError? {
    do throws(FetchError) {
        let value = try await body()
        Issue.record("ended well with \(value)")
        return nil
    } catch {
        return error
    }
}

/// A folder that is removed with everything in it at the end.
func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory.appending(path: "fetch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }  // a left-over in the temporary folder harms nobody
    return try await body(folder.path)
}

func hex(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
