import Foundation
import Testing

/// A disk of a test's own (a tmpfs) that can be filled to its last byte and given room again.
struct SmallDisk: Sendable {
    let folder: URL

    private var ballast: URL { folder.appending(path: "ballast") }

    /// Whether this user may mount one.
    static let isPossible: Bool = {
        guard geteuid() == 0 else { return false }
        let folder = FileManager.default.temporaryDirectory.appending(path: "mount-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }  // an empty folder there harms nobody
        do {
            try mount(folder, megabytes: 1)
            try unmount(folder)
            return true
        } catch {
            return false
        }
    }()

    static let hint: Comment = "only root can mount the small disk that this test fills"

    /// Mounted for as long as `body` runs.
    static func run(megabytes: Int, _ body: (SmallDisk) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "disk-\(UUID().uuidString)")
        try mount(folder, megabytes: megabytes)
        try await always {
            try await body(SmallDisk(folder: folder))
        } finally: {
            do {
                try unmount(folder)
                try FileManager.default.removeItem(at: folder)
            } catch {
                Issue.record("\(folder.path) stays mounted: \(error)")
            }
        }
    }

    /// Takes all the room that is left.
    func fill() throws {
        let file = open(ballast.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(file >= 0)
        defer { close(file) }
        let piece = [UInt8](repeating: 0, count: 1 << 20)
        var size = piece.count
        // The last pages take smaller pieces.
        while size > 0 {
            let written = write(file, piece, size)
            if written <= 0 { size /= 2 }
        }
    }

    func empty() throws { try FileManager.default.removeItem(at: ballast) }

    private static func mount(_ folder: URL, megabytes: Int) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try run("/bin/mount", "-t", "tmpfs", "-o", "size=\(megabytes)m,mode=700", "tmpfs", folder.path)
    }

    private static func unmount(_ folder: URL) throws { try run("/bin/umount", folder.path) }

    private static func run(_ program: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw Refused(command: "\(program) \(arguments)") }
    }

    private struct Refused: Error {
        let command: String
    }
}
