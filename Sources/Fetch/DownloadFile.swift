import Crypto
import Foundation

/// A new file that a download is written to, with the digest of what was written. It is not synced to the disk: whoever
/// relies on it does that.
///
/// Unchecked, since it has one user at a time: the loop's thread until the outcome is handed over, then the asker.
final class DownloadFile: @unchecked Sendable {
    private let path: String
    private var descriptor: Int32
    private var digest = SHA256()
    private(set) var size: Int64 = 0

    /// Creates the file, mode 0600; one that is there already is an error and stays untouched.
    init(path: String) throws(FetchError) {
        guard !path.utf8.contains(0) else { throw .fileSystem("the path of the download holds a NUL character") }
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .fileSystem("the download's file can't be created: \(systemError())") }
    }

    deinit {
        if descriptor >= 0 { discard() }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .fileSystem("the download can't be written: \(systemError())") }
            rest = rest.dropFirst(count)
        }
        digest.update(bufferPointer: bytes)
        size += Int64(bytes.count)
    }

    /// Keeps the file; gives its digest.
    func finish() throws(FetchError) -> [UInt8] {
        let closed = Foundation.close(descriptor)
        descriptor = -1
        guard closed == 0 else {
            let reason = systemError()
            unlink(path)
            throw .fileSystem("the download can't be written: \(reason)")
        }
        return Array(digest.finalize())
    }

    /// Removes the file.
    func discard() {
        Foundation.close(descriptor)
        descriptor = -1
        unlink(path)
    }
}
