import Foundation
import Testing

/// A clock that the gateway takes for the machine's, and that a test sets. The monotonic clock stays as it is, as on a
/// machine whose clock is set.
struct FakeClock: Sendable {
    private let file: URL

    /// Debian's package faketime.
    static let library: String? = {
        let parents = (try? FileManager.default.contentsOfDirectory(atPath: "/usr/lib")) ?? []
        return parents.map { "/usr/lib/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    static let hint: Comment = "the Debian package faketime is not installed"

    static func run(_ body: (FakeClock) async throws -> Void) async throws {
        try await withFolder { folder in
            let clock = FakeClock(file: folder.appending(path: "clock"))
            try clock.set(hours: 0)
            try await body(clock)
        }
    }

    /// What a gateway is to be run with.
    var environment: [String: String] {
        [
            "LD_PRELOAD": Self.library ?? "", "FAKETIME_TIMESTAMP_FILE": file.path, "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// - Parameter hours: from the machine's own time.
    func set(hours: Int) throws {
        try Data("\(hours < 0 ? "-" : "+")\(abs(hours))h\n".utf8).write(to: file, options: .atomic)
    }
}
