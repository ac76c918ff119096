/// PNG, GIF and WebP: each part in its place up to the end mark, and nothing behind it.
enum PictureInspection {
    private static let pngStart: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func checkPNG(_ file: FileWindow) throws {
        guard try file.bytes(8, at: 0).elementsEqual(pngStart) else { throw Malformed.parts }
        var offset: Int64 = 8
        var hasData = false
        while true {
            let head = try file.bytes(8, at: offset)
            let (length, name) = (head.bigEndian(4), head.text(4, at: 4))
            guard length <= Int64(Int32.max), (name == "IHDR") == (offset == 8),
                name.utf8.allSatisfy({ (65...90).contains($0 & 0xDF) })
            else { throw Malformed.parts }
            offset += 12 + length
            guard offset <= file.size else { throw Malformed.cutOff }
            if name == "IDAT" { hasData = true }
            if name == "IEND" { break }
        }
        guard hasData else { throw Malformed(problem: "it shows nothing") }
        try file.expectEnd(at: offset)
    }

    static func checkGIF(_ file: FileWindow) throws {
        let head = try file.bytes(13, at: 0)
        guard ["GIF87a", "GIF89a"].contains(head.text(6)) else { throw Malformed.parts }
        var offset = 13 + colours(head.bigEndian(1, at: 10))
        while true {
            switch try file.byte(at: offset) {
            case 0x21: offset = try blocksEnd(file, offset + 2)
            case 0x2C:
                let flags = try file.bytes(10, at: offset).bigEndian(1, at: 9)
                offset = try blocksEnd(file, offset + 11 + colours(flags))
            case 0x3B: return try file.expectEnd(at: offset + 1)
            default: throw Malformed.parts
            }
        }
    }

    /// Bytes of the table of colours.
    private static func colours(_ flags: Int64) -> Int64 { flags & 0x80 == 0 ? 0 : 3 * (2 << (flags & 7)) }

    private static func blocksEnd(_ file: FileWindow, _ start: Int64) throws -> Int64 {
        var offset = start
        while true {
            let length = Int64(try file.byte(at: offset))
            offset += 1 + length
            if length == 0 { return offset }
        }
    }

    static func checkWebP(_ file: FileWindow) throws {
        let head = try file.bytes(12, at: 0)
        guard head.text(4) == "RIFF", head.text(4, at: 8) == "WEBP" else { throw Malformed.parts }
        let size = head.littleEndian(4, at: 4)
        let end = 8 + size + size % 2
        guard 8 + size <= file.size else { throw Malformed.cutOff }
        var offset: Int64 = 12
        while offset < end {
            let head = try file.bytes(8, at: offset)
            guard offset > 12 || ["VP8 ", "VP8L", "VP8X"].contains(head.text(4)) else { throw Malformed.parts }
            let length = head.littleEndian(4, at: 4)
            offset += 8 + length + length % 2
        }
        guard offset == end, end > 12 else { throw Malformed.parts }
        try file.expectEnd(at: min(end, file.size))
    }
}
