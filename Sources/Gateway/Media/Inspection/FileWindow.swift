import Foundation

/// A file read at any place, through a window of bounded size. Its calls block: see ``BlockingThreads``.
final class FileWindow {
    let size: Int64
    private let file: Int32
    private var window: [UInt8] = []
    private var start: Int64 = 0

    static let length = 64 << 10

    init(_ path: String) throws {
        size = try LocalFile.size(path)
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw FileError(errno, "open") }
    }

    deinit { close(file) }

    /// - Throws: `Malformed.cutOff` when the file has fewer.
    func bytes(_ count: Int, at offset: Int64) throws -> ArraySlice<UInt8> {
        guard offset >= 0, count >= 0, offset <= size - Int64(count) else { throw Malformed.cutOff }
        if count > Self.length { return try load(count, at: offset)[...] }
        if offset < start || offset + Int64(count) > start + Int64(window.count) {
            window = try load(Int(min(Int64(Self.length), size - offset)), at: offset)
            start = offset
        }
        let first = Int(offset - start)
        return window[first..<first + count]
    }

    func byte(at offset: Int64) throws -> UInt8 { try bytes(1, at: offset).first ?? 0 }

    /// The bytes from there to the end of the file, at most so many; none behind the end.
    func bytes(upTo count: Int, at offset: Int64) throws -> ArraySlice<UInt8> {
        try bytes(Int(max(0, min(Int64(count), size - offset))), at: min(offset, size))
    }

    func firstIndex(of byte: UInt8, from offset: Int64) throws -> Int64? {
        var offset = offset
        while offset < size {
            let piece = try bytes(upTo: Self.length, at: offset)
            if let index = piece.firstIndex(of: byte) { return offset + Int64(index - piece.startIndex) }
            offset += Int64(piece.count)
        }
        return nil
    }

    /// - Throws: `Malformed.tail` when there is more behind this place than zeros that fill the file up.
    func expectEnd(at offset: Int64) throws {
        var offset = offset
        while offset < size {
            let piece = try bytes(upTo: Self.length, at: offset)
            guard piece.allSatisfy({ $0 == 0 }) else { throw Malformed.tail }
            offset += Int64(piece.count)
        }
    }

    private func load(_ count: Int, at offset: Int64) throws -> [UInt8] {
        var loaded = 0
        return try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while loaded < count {
                let got = pread(file, buffer.baseAddress.map { $0 + loaded }, count - loaded, off_t(offset) + loaded)
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { throw FileError(got < 0 ? errno : EIO, "read") }
                loaded += got
            }
            filled = loaded
        }
    }
}

extension ArraySlice<UInt8> {
    /// The number that up to eight bytes say from there.
    func bigEndian(_ count: Int, at place: Int = 0) -> Int64 {
        self[(startIndex + place)..<(startIndex + place + count)].reduce(0) { $0 << 8 | Int64($1) }
    }

    func littleEndian(_ count: Int, at place: Int = 0) -> Int64 {
        self[(startIndex + place)..<(startIndex + place + count)].reversed().reduce(0) { $0 << 8 | Int64($1) }
    }

    func text(_ count: Int, at place: Int = 0) -> String {
        String(decoding: self[(startIndex + place)..<(startIndex + place + count)], as: UTF8.self)
    }
}
