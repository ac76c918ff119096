import Gateway
import NIOCore
import Synchronization

/// The files asked for lately: what is known of each, and the bytes of small ones. A name's bytes never change, but
/// its file can be erased. Of what this gateway erases it hears at once; what another program erases is found out within
/// a second, for which what is known counts before it is looked up again.
final class MediaCache: Sendable {
    /// The largest file whose bytes are kept.
    static let smallFile: Int64 = 256 * 1024
    private static let memory = 32 * 1024 * 1024
    private static let files = 4096
    private static let fresh: Duration = .seconds(1)

    private struct Entry {
        let file: StoredFile
        var bytes: ByteBuffer?
        var checked: ContinuousClock.Instant
        var used: UInt64
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var memory = 0
        var clock: UInt64 = 0
        /// Grows whenever files are withdrawn: what was looked up before may be one of them.
        var withdrawals: UInt64 = 0

        mutating func touch(_ name: String) -> Entry? {
            clock += 1
            entries[name]?.used = clock
            return entries[name]
        }

        mutating func remove(_ name: String) {
            memory -= entries.removeValue(forKey: name)?.bytes?.readableBytes ?? 0
        }

        /// Half goes at once, the longest unused first, so that looking for it costs little on the whole.
        mutating func makeRoom() {
            guard memory > MediaCache.memory || entries.count > MediaCache.files else { return }
            for (name, _) in entries.sorted(by: { $0.value.used < $1.value.used }) {
                guard memory > MediaCache.memory / 2 || entries.count > MediaCache.files / 2 else { return }
                remove(name)
            }
        }
    }

    private let media: MediaStore
    private let state = Mutex(State())

    init(_ media: MediaStore) {
        self.media = media
        media.withdrawals.follow { [weak self] names in self?.withdraw(names) }
    }

    private func withdraw(_ names: [String]) {
        state.withLock { state in
            state.withdrawals += 1
            for name in names { state.remove(name) }
        }
    }

    /// - Returns: nil when no file has this name.
    func file(_ name: String) async throws -> StoredFile? {
        let (known, withdrawals) = state.withLock { ($0.touch(name), $0.withdrawals) }
        let now = ContinuousClock.now
        if let known, now - known.checked < Self.fresh { return known.file }
        let file = try await media.open(name: name)
        state.withLock { state in
            guard let file else { return state.remove(name) }
            guard state.withdrawals == withdrawals else { return }
            if state.entries[name]?.file.etag == file.etag {
                state.entries[name]?.checked = now
            } else {
                state.remove(name)
                state.entries[name] = Entry(file: file, bytes: nil, checked: now, used: state.clock)
                state.makeRoom()
            }
        }
        return file
    }

    func bytes(of name: String) -> ByteBuffer? {
        state.withLock { $0.entries[name]?.bytes }
    }

    func keep(_ bytes: ByteBuffer, of name: String) {
        state.withLock { state in
            guard state.entries[name]?.bytes == nil, state.entries[name] != nil else { return }
            state.entries[name]?.bytes = bytes
            state.memory += bytes.readableBytes
            state.makeRoom()
        }
    }
}
