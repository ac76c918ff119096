import Foundation

/// A folder for files that are being received, this process's own among those of other gateways on the same disk. It
/// is locked for as long as its process lives, so that the next one to start can tell what a crash left, however
/// young, from work in hand.
final class IncomingFolder: Sendable {
    let path: String
    private let lock: Int32

    private static let lockName = ".lock"

    /// Makes one in `parent`, and removes those whose processes are gone.
    init(in parent: String) throws {
        try LocalFile.makeFolder(parent)
        // Held by whoever is just starting, so that a folder without a lock is never somebody's who is about to take it.
        let gate = try Self.open("\(parent)/\(Self.lockName)")
        defer { close(gate) }
        if flock(gate, LOCK_EX) == 0 { try Self.removeAbandoned(in: parent) }
        path = "\(parent)/\(MediaName.random())"
        try LocalFile.makeFolder(path)
        lock = try Self.open("\(path)/\(Self.lockName)")
        // Where a file system has no locks, nobody gets one, and nothing is ever taken for abandoned.
        _ = flock(lock, LOCK_EX | LOCK_NB)
    }

    deinit {
        // What stays is removed at a later start.
        try? FileManager.default.removeItem(atPath: path)
        close(lock)
    }

    private static func removeAbandoned(in parent: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: parent) where name != lockName {
            let path = "\(parent)/\(name)"
            // One that can't be opened or removed is going away with its process just now.
            guard let lock = try? open("\(path)/\(lockName)") else { continue }
            defer { close(lock) }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { try? FileManager.default.removeItem(atPath: path) }
        }
    }

    private static func open(_ path: String) throws -> Int32 {
        let file = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw FileError(errno, "open") }
        return file
    }
}
