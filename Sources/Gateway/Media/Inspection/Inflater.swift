import CZlib

/// Unpacks parts of an archive to see whether they are what the directory says, and keeps nothing but their beginning.
final class Inflater {
    private var stream = z_stream()
    private var output = [UInt8](repeating: 0, count: FileWindow.length)

    init() throws {
        let code = inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else {
            throw GatewayError(.internalError, "zlib can't be used", cause: "inflateInit: \(code)")
        }
    }

    deinit { inflateEnd(&stream) }

    /// - Parameter keeping: bytes of its beginning that are wanted.
    /// - Throws: `Malformed` when it is longer or shorter than it says, or damaged. No more than it says is unpacked.
    func read(_ entry: ZipDirectory.Entry, of file: FileWindow, keeping: Int) throws -> [UInt8] {
        let start = try ZipDirectory.dataStart(of: entry, file)
        guard entry.isDeflated else {
            return Array(try file.bytes(Int(min(Int64(keeping), entry.size)), at: start))
        }
        inflateReset(&stream)
        var (taken, made, sum): (Int64, Int64, UInt) = (0, 0, crc32(0, nil, 0))
        var kept: [UInt8] = []
        var code = Z_OK
        while code != Z_STREAM_END {
            let left = min(Int64(FileWindow.length), entry.compressed - taken)
            var input = Array(try file.bytes(Int(left), at: start + taken))
            let (used, count) = input.withUnsafeMutableBufferPointer { inflate($0, &code) }
            taken += used
            made += Int64(count)
            guard code == Z_OK || code == Z_STREAM_END, made <= entry.size, used > 0 || count > 0 else {
                throw Self.lying
            }
            sum = output.withUnsafeBufferPointer { crc32(sum, $0.baseAddress, UInt32(count)) }
            if kept.count < keeping { kept += output[..<min(count, keeping - kept.count)] }
        }
        guard taken == entry.compressed, made == entry.size, sum == UInt(entry.crc) else { throw Self.lying }
        return kept
    }

    /// - Returns: bytes taken, and bytes made.
    private func inflate(_ input: UnsafeMutableBufferPointer<UInt8>, _ code: inout Int32) -> (Int64, Int) {
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        return output.withUnsafeMutableBufferPointer { buffer in
            stream.next_out = buffer.baseAddress
            stream.avail_out = UInt32(buffer.count)
            code = CZlib.inflate(&stream, Z_NO_FLUSH)
            return (Int64(input.count) - Int64(stream.avail_in), buffer.count - Int(stream.avail_out))
        }
    }

    private static let lying = Malformed(problem: "one of its parts is not what its directory says")
}
