/// JPEG: segments from the first mark to the last, and behind it nothing but what cameras put there.
enum JPEGInspection {
    private static let start: [UInt8] = [0xFF, 0xD8]

    static func check(_ file: FileWindow) throws {
        var end = try end(file, from: 0)
        // Further pictures for other screens, then a short film, or the records of Samsung's camera.
        while end + 2 <= file.size, try file.bytes(2, at: end).elementsEqual(start) {
            end = try self.end(file, from: end)
        }
        if try MovieInspection.begins(file, at: end) { return try MovieInspection.check(file, from: end) }
        if try SamsungTrailer.fills(file, from: end) { return }
        try file.expectEnd(at: end)
    }

    /// Walks through a picture to the place behind its end mark.
    private static func end(_ file: FileWindow, from start: Int64) throws -> Int64 {
        guard try file.bytes(2, at: start).elementsEqual(self.start) else { throw Malformed.parts }
        var offset = start + 2
        var hasScan = false
        while true {
            guard try file.byte(at: offset) == 0xFF else { throw Malformed.parts }
            let mark = try file.byte(at: offset + 1)
            switch mark {
            case 0xFF: offset += 1
            case 0x01, 0xD0...0xD7: offset += 2
            case 0xD9:
                guard hasScan else { throw Malformed(problem: "it shows nothing") }
                return offset + 2
            case 0x00, 0xD8: throw Malformed.parts
            default:
                let length = try file.bytes(2, at: offset + 2).bigEndian(2)
                guard length >= 2 else { throw Malformed.parts }
                offset += 2 + length
                if mark == 0xDA {
                    hasScan = true
                    offset = try scanEnd(file, offset)
                }
            }
        }
    }

    /// The next mark behind the compressed data, in which a zero or a restart follows each 0xFF.
    private static func scanEnd(_ file: FileWindow, _ start: Int64) throws -> Int64 {
        var offset = start
        while let place = try file.firstIndex(of: 0xFF, from: offset) {
            switch try file.byte(at: place + 1) {
            case 0x00, 0xD0...0xD7: offset = place + 2
            case 0xFF: offset = place + 1
            default: return place
            }
        }
        throw Malformed.cutOff
    }
}

/// Records behind a picture, with a directory at the end that says where they begin.
enum SamsungTrailer {
    private static let entry: Int64 = 12
    private static let slack: Int64 = 64

    /// Whether such records fill the file from there to its end.
    static func fills(_ file: FileWindow, from start: Int64) throws -> Bool {
        guard file.size - start >= 8 + 12 + entry else { return false }
        let end = try file.bytes(8, at: file.size - 8)
        guard end.text(4, at: 4) == "SEFT" else { return false }
        let directory = file.size - 8 - end.littleEndian(4)
        guard directory >= start, file.size - 8 - directory >= 12 else { return false }
        let head = try file.bytes(12, at: directory)
        let count = head.littleEndian(4, at: 8)
        guard head.text(4) == "SEFH", count > 0, 12 + count * entry == file.size - 8 - directory else { return false }
        var first = directory
        for number in 0..<count {
            let facts = try file.bytes(Int(entry), at: directory + 12 + number * entry)
            first = min(first, directory - facts.littleEndian(4, at: 4))
        }
        return (start...start + slack).contains(first)
    }
}
