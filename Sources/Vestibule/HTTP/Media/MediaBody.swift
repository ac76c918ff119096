import Gateway
import Hummingbird
import NIOCore

/// Where the bytes of an answer come from.
enum MediaBody: Sendable {
    case memory(ByteBuffer)
    case disk(OpenFile)
    case remote(RemoteFile)

    /// Small files come from the cache, and go there.
    /// - Parameter start: what will be sent first.
    /// - Returns: nil when the file is gone.
    static func open(
        _ file: StoredFile, name: String, from start: Range<Int64>, cache: MediaCache
    ) async throws -> MediaBody? {
        if let bytes = cache.bytes(of: name) { return .memory(bytes) }
        let whole = file.size <= MediaCache.smallFile ? 0..<file.size : nil
        let bytes: ByteBuffer
        switch file.content {
        case .file(let path):
            guard let open = try await OpenFile.open(path, size: file.size) else { return nil }
            guard let whole else { return .disk(open) }
            bytes = try await open.read(whole)
        case .remote(let reader):
            guard let whole else { return .remote(try await RemoteFile(reader, from: start)) }
            bytes = ByteBuffer(bytes: try await reader.read(whole))
        }
        cache.keep(bytes, of: name)
        return .memory(bytes)
    }

    func response(_ body: RangedBody, over channel: any Channel) -> ResponseBody {
        if case .memory(let bytes) = self { return ResponseBody(byteBuffer: Self.joined(body, bytes)) }
        return ResponseBody(contentLength: Int(body.length)) { writer in
            for piece in body.pieces {
                switch piece {
                case .text(let text): try await writer.write(ByteBuffer(string: text))
                case .content(let range): try await write(range, to: &writer, over: channel)
                }
            }
            try await writer.finish(nil)
        }
    }

    private func write(
        _ range: Range<Int64>, to writer: inout any ResponseBodyWriter, over channel: any Channel
    ) async throws {
        switch self {
        case .memory(let bytes):
            try await writer.write(bytes.part(range))
        case .disk(let file):
            let transfer = FileSender.Transfer(file: file, range: range)
            let sent = FileSender.announce(transfer, over: channel)
            try await writer.write(FileSender.marker)
            try await sent.get()
        case .remote(let file):
            try await file.write(range, to: &writer)
        }
    }

    private static func joined(_ body: RangedBody, _ bytes: ByteBuffer) -> ByteBuffer {
        if case .content(let range)? = body.pieces.first, body.pieces.count == 1 { return bytes.part(range) }
        var joined = ByteBufferAllocator().buffer(capacity: Int(body.length))
        for piece in body.pieces {
            switch piece {
            case .text(let text): joined.writeString(text)
            case .content(let range): joined.writeImmutableBuffer(bytes.part(range))
            }
        }
        return joined
    }
}

extension ByteBuffer {
    fileprivate func part(_ range: Range<Int64>) -> ByteBuffer {
        getSlice(at: readerIndex + Int(range.lowerBound), length: Int(range.upperBound - range.lowerBound))!
    }
}
