import Crypto
import Foundation
import Synchronization

/// One media object, from an upload of the business or from a customer.
struct MediaEntry: Sendable {
    let id: String
    let mimeType: String
    let fileName: String?
    let size: Int
    /// 32 bytes.
    let sha256: [UInt8]

    var sha256Hex: String { Hex.text(sha256) }
    var sha256Base64: String { Data(sha256).base64EncodedString() }
}

/// Media by id. Contents lie in a temporary folder, once each; beyond `limit` bytes, or 100,000 objects, the oldest go.
final class MediaShelf: Sendable {
    private struct State {
        var entries: [String: MediaEntry] = [:]
        var order: [String] = []
        var oldest = 0
        /// How many entries share a content, by its hash.
        var uses: [[UInt8]: Int] = [:]
        var bytes: Int64 = 0
    }

    private static let countLimit = 100_000
    private let limit: Int64
    private let folder: String
    private let disk = Disk()
    private let state = Mutex(State())

    init(limit: Int64) {
        self.limit = limit
        folder = NSTemporaryDirectory() + "vestibule-simulator-" + Wamid.random(bytes: 8)
    }

    var count: Int { state.withLock { $0.entries.count } }
    var bytes: Int64 { state.withLock { $0.bytes } }

    func entry(_ id: String) -> MediaEntry? { state.withLock { $0.entries[id] } }

    /// - Throws: what the file system says; nothing is kept then.
    func add(_ bytes: [UInt8], mimeType: String, fileName: String?) async throws -> MediaEntry {
        let hash = Array(SHA256.hash(data: bytes))
        if state.withLock({ $0.uses[hash] }) == nil {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try await disk.write(bytes, to: path(of: hash))
        }
        let entry = MediaEntry(
            id: "5" + String(UInt64.random(in: 100_000_000_000_000...999_999_999_999_999)), mimeType: mimeType,
            fileName: fileName, size: bytes.count, sha256: hash)
        let unused = state.withLock { state in
            state.entries[entry.id] = entry
            state.order.append(entry.id)
            if state.uses[hash, default: 0] == 0 { state.bytes += Int64(bytes.count) }
            state.uses[hash, default: 0] += 1
            return dropOldest(&state)
        }
        discard(unused)
        return entry
    }

    /// - Returns: nil when the object, or its file, is gone.
    func content(_ entry: MediaEntry) async -> [UInt8]? {
        // A file that can't be read is as good as gone.
        try? await disk.read(path(of: entry.sha256))
    }

    func remove(_ id: String) -> Bool {
        let (known, unused) = state.withLock { state in
            guard let entry = state.entries.removeValue(forKey: id) else { return (false, [[UInt8]]()) }
            return (true, release(entry, &state))
        }
        discard(unused)
        return known
    }

    func removeAll() {
        state.withLock { $0 = State() }
        // The folder may never have been made.
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func path(of hash: [UInt8]) -> String { folder + "/" + Hex.text(hash) }

    private func dropOldest(_ state: inout State) -> [[UInt8]] {
        var unused: [[UInt8]] = []
        while state.bytes > limit || state.entries.count > Self.countLimit, state.entries.count > 1 {
            if let entry = state.entries.removeValue(forKey: state.order[state.oldest]) {
                unused += release(entry, &state)
            }
            state.oldest += 1
        }
        if state.oldest > 10_000 {
            state.order.removeFirst(state.oldest)
            state.oldest = 0
        }
        return unused
    }

    private func release(_ entry: MediaEntry, _ state: inout State) -> [[UInt8]] {
        state.uses[entry.sha256, default: 1] -= 1
        guard state.uses[entry.sha256] == 0 else { return [] }
        state.uses[entry.sha256] = nil
        state.bytes -= Int64(entry.size)
        return [entry.sha256]
    }

    private func discard(_ hashes: [[UInt8]]) {
        for hash in hashes {
            // A file that stays behind goes with the folder.
            try? FileManager.default.removeItem(atPath: path(of: hash))
        }
    }
}

enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    static func text(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
