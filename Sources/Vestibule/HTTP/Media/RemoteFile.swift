import Gateway
import Hummingbird
import NIOCore

/// Part of a file in object storage on its way to a client, one read at a time as they are taken.
struct RemoteFile: Sendable {
    private let reader: MediaReader
    private let range: Range<Int64>
    private let first: [UInt8]

    /// Reads the first bytes, so that a file that is gone, or storage that is away, is told by the status.
    init(_ reader: MediaReader, _ range: Range<Int64>) async throws {
        self.reader = reader
        self.range = range
        first = try await reader.read(Self.next(range.lowerBound, range))
    }

    func body() -> ResponseBody {
        ResponseBody(contentLength: Int(range.upperBound - range.lowerBound)) { writer in
            try await writer.write(ByteBuffer(bytes: first))
            var offset = range.lowerBound + Int64(first.count)
            while offset < range.upperBound {
                let bytes = try await reader.read(Self.next(offset, range))
                offset += Int64(bytes.count)
                try await writer.write(ByteBuffer(bytes: bytes))
            }
            try await writer.finish(nil)
        }
    }

    private static func next(_ offset: Int64, _ range: Range<Int64>) -> Range<Int64> {
        offset..<min(range.upperBound, offset + MediaReader.part)
    }
}
