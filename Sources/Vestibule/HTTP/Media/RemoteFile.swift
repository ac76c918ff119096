import Gateway
import Hummingbird
import NIOCore

/// A file in object storage on its way to a client, one read at a time as they are taken.
struct RemoteFile: Sendable {
    private let reader: MediaReader
    /// Where the first read began, and what it gave.
    private let start: Int64
    private let first: ByteBuffer

    /// Reads the first bytes, so that a file that is gone, or storage that is away, is told by the status.
    init(_ reader: MediaReader, from range: Range<Int64>) async throws {
        self.reader = reader
        start = range.lowerBound
        first = ByteBuffer(bytes: try await reader.read(Self.next(range.lowerBound, range)))
    }

    func write(_ range: Range<Int64>, to writer: inout any ResponseBodyWriter) async throws {
        var offset = range.lowerBound
        if offset == start {
            try await writer.write(first)
            offset += Int64(first.readableBytes)
        }
        while offset < range.upperBound {
            let bytes = try await reader.read(Self.next(offset, range))
            offset += Int64(bytes.count)
            try await writer.write(ByteBuffer(bytes: bytes))
        }
    }

    private static func next(_ offset: Int64, _ range: Range<Int64>) -> Range<Int64> {
        offset..<min(range.upperBound, offset + MediaReader.part)
    }
}
