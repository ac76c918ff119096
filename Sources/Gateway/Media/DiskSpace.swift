import Foundation

/// The room that must stay on the disks that media are written to.
struct DiskSpace: Sendable {
    let folders: [String]
    /// Bytes.
    let floor: Int64
    let threads: BlockingThreads

    /// - Throws: `.unavailable` when less than the floor is free.
    func check() async throws {
        guard floor > 0 else { return }
        let free = try await threads.run { [folders] in try folders.map(Self.free).min() ?? .max }
        guard free >= floor else {
            throw GatewayError(
                .unavailable, "the disk for media is full; try again later",
                cause: "\(free) bytes are free, MEDIA_MIN_FREE is \(floor)")
        }
    }

    private static func free(_ folder: String) throws -> Int64 {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else { throw FileError(errno, "statvfs") }
        let (bytes, overflow) = UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize))
        return overflow ? .max : Int64(clamping: bytes)
    }
}
