import Fetch
import Foundation
import JSON

/// The replies of the Graph API beside the package, or where `VESTIBULE_FIXTURES` says.
enum GraphFixtures {
    struct Reply: Sendable {
        let file: String
        let status: Int
        let headers: FetchHeaders
        let body: [UInt8]
    }

    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["VESTIBULE_FIXTURES"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/fixtures/whatsapp")
    }()

    static func replies() throws -> [Reply] {
        let index = try JSON(parsing: try Data(contentsOf: folder.appending(path: "graph-index.json")))
        return try (index.array ?? []).map { entry in
            let file = entry["file"]?.string ?? ""
            let headers = entry["headers"]?.object?.map { ($0.key, $0.value.string ?? "") } ?? []
            return Reply(
                file: file, status: Int(entry["status"]?.int ?? 0), headers: FetchHeaders(headers),
                body: Array(try Data(contentsOf: folder.appending(path: "graph/\(file)"))))
        }
    }

    static func reply(_ file: String) throws -> Reply {
        guard let reply = try replies().first(where: { $0.file == file }) else { throw CocoaError(.fileNoSuchFile) }
        return reply
    }
}
