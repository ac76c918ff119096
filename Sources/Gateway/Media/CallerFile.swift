import Crypto
import Foundation
import Synchronization
import WhatsApp

/// A file that a caller is sending, on its way to the disk. What has not been taken into the store is gone with this.
package final class CallerFile: Sendable {
    let path: String
    private let descriptor: Int32
    private let threads: BlockingThreads
    private let places: UploadPlaces
    private let rules: MediaRules
    private let progress = Mutex(Progress())

    private struct Progress {
        var digest = SHA256()
        var size: Int64 = 0
    }

    /// - Parameter places: one of them is taken, and given back with this.
    init(path: String, rules: MediaRules, threads: BlockingThreads, places: UploadPlaces) async throws {
        let descriptor = try await threads.run {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
            guard descriptor >= 0 else { throw FileError(errno, "open") }
            return descriptor
        }
        self.path = path
        self.descriptor = descriptor
        self.threads = threads
        self.places = places
        self.rules = rules
    }

    deinit {
        close(descriptor)
        unlink(path)
        places.giveBack()
    }

    /// Bytes so far.
    package var size: Int64 { progress.withLock { $0.size } }

    var sha256: [UInt8] { progress.withLock { Array($0.digest.finalize()) } }

    /// Writes what has come; one call at a time.
    /// - Parameters:
    ///   - kind: what the file is to be sent as, as far as that is known by now.
    ///   - fits: whether a picture that is too large is to be scaled down.
    /// - Throws: `.mediaRejected` for more bytes than a file of this kind may have, `.unavailable` when the disk is full.
    package func append(_ bytes: [UInt8], kind: MediaKind?, fits: Bool) async throws(GatewayError) {
        let kind = kind ?? MediaRules.largestKind
        let size = progress.withLock { progress in
            progress.digest.update(data: bytes)
            progress.size += Int64(bytes.count)
            return progress.size
        }
        let limit = SendableForm.limit(of: kind, fits: fits, rules)
        guard size <= limit else { throw .mediaTooLarge(kind, limit) }
        do {
            try await threads.run { [descriptor] in try LocalFile.write(bytes, to: descriptor) }
        } catch {
            throw .mediaNotStored(String(describing: error))
        }
    }
}

/// How many callers may be sending files at a time: each takes room on the disk before anything is known of its file.
final class UploadPlaces: Sendable {
    private static let count = 32
    private let taken = Atomic<Int>(0)

    /// - Returns: false when all are taken.
    func take() -> Bool {
        let (_, now) = taken.wrappingAdd(1, ordering: .relaxed)
        if now <= Self.count { return true }
        giveBack()
        return false
    }

    func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}
