import Foundation

/// A local file, read from its beginning. Its calls block: see ``BlockingThreads``.
struct FileBytes: ~Copyable {
    private let file: Int32

    init(_ path: String) throws {
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(errno, "open") }
    }

    deinit { close(file) }

    /// - Returns: nil at the end.
    borrowing func next(_ limit: Int) throws -> [UInt8]? {
        while true {
            var count = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, size in
                count = read(file, buffer.baseAddress, limit)
                size = max(0, count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw FileError(errno, "read") }
            return count == 0 ? nil : bytes
        }
    }
}
