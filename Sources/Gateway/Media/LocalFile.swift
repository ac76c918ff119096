import Foundation

/// Calls to the file system. They block: see ``BlockingThreads``.
enum LocalFile {
    /// With its parents, readable by this user and group.
    static func makeFolder(_ path: String) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o750])
    }

    /// Brings a file, or the names in a folder, to the disk.
    static func sync(_ path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(errno, "open") }
        defer { close(file) }
        guard fsync(file) == 0 else { throw FileError(errno, "fsync") }
    }

    /// A file that is not there is removed already.
    static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(errno, "unlink") }
    }
}

/// The system refused to read or write a file, as when the disk is full.
struct FileError: Error, CustomStringConvertible {
    let description: String

    init(_ code: Int32, _ call: String) { description = "\(call): \(String(cString: strerror(code)))" }
}
