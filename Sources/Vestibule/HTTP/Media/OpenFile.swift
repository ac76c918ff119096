import Foundation
import NIOCore
import NIOPosix

/// A file held open while it is sent, so that it can be purged meanwhile.
final class OpenFile: Sendable {
    struct Failure: Error {
        let problem: String
    }

    let handle: NIOFileHandle

    /// Opening blocks, and so runs on the thread pool.
    /// - Parameter size: what the file must have; a file that differs is not the one that was stored.
    /// - Returns: nil when there is no such file, or a link or a folder in its place.
    static func open(_ path: String, size: Int64) async throws -> OpenFile? {
        try await NIOThreadPool.singleton.runIfActive {
            // What is no plain file, a pipe for one, must not block.
            let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            if descriptor < 0, errno == ENOENT || errno == ELOOP { return nil }
            guard descriptor >= 0 else { throw Failure(problem: "open: \(String(cString: strerror(errno)))") }
            let file = OpenFile(descriptor)
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            guard Int64(status.st_size) == size else { throw Failure(problem: "the file has another size than stored") }
            return file
        }
    }

    private init(_ descriptor: CInt) {
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
    }

    deinit {
        // Nothing was written, so closing has nothing to tell.
        try? handle.close()
    }

    func read(_ range: Range<Int64>) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive {
            let count = Int(range.upperBound - range.lowerBound)
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            while buffer.readableBytes < count {
                let have = buffer.readableBytes
                let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - have) { bytes in
                    try self.handle.withUnsafeFileDescriptor { descriptor in
                        max(0, pread(descriptor, bytes.baseAddress, count - have, off_t(range.lowerBound) + have))
                    }
                }
                guard read > 0 else { throw Failure(problem: "the file is shorter than it was, or cannot be read") }
            }
            return buffer
        }
    }
}
