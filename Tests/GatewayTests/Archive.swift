import CZlib

/// A ZIP archive, true or lying.
struct Archive {
    struct Part {
        var name: String
        var body: [UInt8] = []
        var isDeflated = false
        /// What the directory and the head say instead of the truth.
        var claimedSize: Int?
        var flags: UInt16 = 0
        /// Whether it has no place of its own: the directory leads to the first part's.
        var isOverlapping = false

        static func text(_ name: String, _ text: String) -> Part { Part(name: name, body: Array(text.utf8)) }
    }

    var parts: [Part]
    /// At the very end.
    var comment: [UInt8] = []

    /// Parts of some text each.
    init(names: [String]) {
        parts = names.map {
            .text($0, "<?xml version=\"1.0\"?><part>" + String(repeating: "\($0) ", count: 40) + "</part>")
        }
    }

    init(parts: [Part], comment: [UInt8] = []) {
        self.parts = parts
        self.comment = comment
    }

    func adding(_ more: Part...) -> Archive { Archive(parts: parts + more, comment: comment) }

    var bytes: [UInt8] {
        var entries: [UInt8] = []
        var directory: [UInt8] = []
        for part in parts {
            let packed = part.isDeflated ? Self.deflated(part.body) : part.body
            let sum = part.body.withUnsafeBufferPointer { crc32(0, $0.baseAddress, UInt32($0.count)) }
            var facts: [UInt8] = [20, 0]
            facts += Samples.littleEndian(part.flags) + [part.isDeflated ? 8 : 0, 0, 0, 0, 0x21, 0]
            facts += Samples.littleEndian(UInt32(sum)) + Samples.littleEndian(UInt32(packed.count))
            facts += Samples.littleEndian(UInt32(part.claimedSize ?? part.body.count))
            facts += Samples.littleEndian(UInt16(part.name.utf8.count)) + [0, 0]
            let place = part.isOverlapping ? 0 : entries.count
            directory += Array("PK\u{1}\u{2}".utf8) + [20, 0] + facts + Samples.zeros(10)
            directory += Samples.littleEndian(UInt32(place)) + Array(part.name.utf8)
            if !part.isOverlapping { entries += Array("PK\u{3}\u{4}".utf8) + facts + Array(part.name.utf8) + packed }
        }
        let count = Samples.littleEndian(UInt16(parts.count))
        var end = Array("PK\u{5}\u{6}".utf8) + Samples.zeros(4) + count + count
        end += Samples.littleEndian(UInt32(directory.count)) + Samples.littleEndian(UInt32(entries.count))
        return entries + directory + end + Samples.littleEndian(UInt16(comment.count)) + comment
    }

    private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        guard deflateInit2_(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK
        else { return [] }
        defer { deflateEnd(&stream) }
        var (input, output) = (bytes, Samples.zeros(bytes.count + 1024))
        return input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                (stream.next_in, stream.avail_in) = (input.baseAddress, UInt32(input.count))
                (stream.next_out, stream.avail_out) = (output.baseAddress, UInt32(output.count))
                deflate(&stream, Z_FINISH)
                return Array(output.dropLast(Int(stream.avail_out)))
            }
        }
    }
}
