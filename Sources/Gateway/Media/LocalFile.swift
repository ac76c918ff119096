import Crypto
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

    /// To a new file.
    static func write(_ bytes: [UInt8], to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw FileError(errno, "open") }
        defer { close(file) }
        try write(bytes, to: file)
    }

    static func write(_ bytes: [UInt8], to file: Int32) throws {
        try bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw FileError(errno, "write") }
                rest = rest.dropFirst(count)
            }
        }
    }

    static func size(_ path: String) throws -> Int64 {
        var facts = stat()
        guard stat(path, &facts) == 0 else { throw FileError(errno, "stat") }
        return Int64(facts.st_size)
    }

    /// Of the bytes in this range, read a piece at a time.
    static func sha256(_ path: String, _ range: Range<Int64>) throws -> SHA256.Digest {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(errno, "open") }
        defer { close(file) }
        var digest = SHA256()
        var piece = [UInt8](repeating: 0, count: 128 << 10)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let wanted = Int(min(Int64(piece.count), range.upperBound - offset))
            let count = pread(file, &piece, wanted, off_t(offset))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw FileError(count < 0 ? errno : EIO, "read") }
            piece.withUnsafeBytes { digest.update(bufferPointer: UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            offset += Int64(count)
        }
        return digest.finalize()
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
