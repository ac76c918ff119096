import Foundation
import Hummingbird
import NIOCore
import NIOPosix

/// A file held open while it is sent, so that it can be purged meanwhile. Reads block, and so run on the thread pool.
final class OpenFile: Sendable {
    struct Failure: Error {
        let problem: String
    }

    private static let chunk = 128 * 1024

    private let descriptor: Int32

    /// - Returns: nil when there is no such file.
    static func open(_ path: String) async throws -> OpenFile? {
        try await NIOThreadPool.singleton.runIfActive {
            let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            if descriptor < 0, errno == ENOENT { return nil }
            guard descriptor >= 0 else { throw Failure(problem: "open: \(String(cString: strerror(errno)))") }
            return OpenFile(descriptor)
        }
    }

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The bytes of `range`, read as fast as they are taken.
    func body(_ range: Range<Int64>) -> ResponseBody {
        ResponseBody(contentLength: Int(range.upperBound - range.lowerBound)) { writer in
            var offset = range.lowerBound
            while offset < range.upperBound {
                let buffer = try await self.read(Int(min(Int64(Self.chunk), range.upperBound - offset)), at: offset)
                offset += Int64(buffer.readableBytes)
                try await writer.write(buffer)
            }
            try await writer.finish(nil)
        }
    }

    private func read(_ count: Int, at offset: Int64) async throws -> ByteBuffer {
        try await NIOThreadPool.singleton.runIfActive { [descriptor] in
            var buffer = ByteBufferAllocator().buffer(capacity: count)
            let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { bytes in
                max(0, pread(descriptor, bytes.baseAddress, count, off_t(offset)))
            }
            // The head with the length is out: the only honest thing left is to cut the connection.
            guard read > 0 else { throw Failure(problem: "the file is shorter than it was, or cannot be read") }
            return buffer
        }
    }
}
