import Foundation
import Testing

/// What a process holds in memory, in bytes, as the kernel counts it.
enum Memory {
    static func resident(_ process: Int32) throws -> Int { try field("VmRSS:", process) }

    /// The most that `body` made it hold beyond what it held before.
    static func growth(of process: Int32, _ body: () async throws -> Void) async throws -> Int {
        // Lets the high-water mark begin anew.
        try "5".write(toFile: "/proc/\(process)/clear_refs", atomically: false, encoding: .utf8)
        let before = try resident(process)
        try await body()
        return try field("VmHWM:", process) - before
    }

    private static func field(_ name: String, _ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(name) })
        return try #require(
            line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) })
            << 10
    }
}
