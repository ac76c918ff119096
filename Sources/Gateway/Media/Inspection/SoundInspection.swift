/// OGG, AAC and AMR: pages or frames, one behind the other, to the end. AAC and AMR have no end mark: cut off between two
/// frames they are shorter, not broken.
enum SoundInspection {
    static func checkOgg(_ file: FileWindow) throws {
        var offset: Int64 = 0
        while offset < file.size {
            let head = try file.bytes(27, at: offset)
            guard head.text(4) == "OggS" else { return try file.expectEnd(at: offset) }
            guard offset > 0 || head.bigEndian(1, at: 5) & 2 != 0 else { throw Malformed.parts }
            let count = Int(head.bigEndian(1, at: 26))
            let table = try file.bytes(count, at: offset + 27)
            offset += 27 + Int64(count) + table.reduce(0) { $0 + Int64($1) }
            guard offset <= file.size else { throw Malformed.cutOff }
        }
    }

    static func checkAAC(_ file: FileWindow) throws {
        try checkFrames(file, from: 0) { offset in
            let head = try file.bytes(upTo: 7, at: offset)
            guard head.count == 7, head.bigEndian(2) & 0xFFF6 == 0xFFF0 else { return nil }
            let length = head.bigEndian(3, at: 3) >> 5 & 0x1FFF
            return length >= 7 ? length : nil
        }
    }

    /// Bytes behind a frame's first, by its type.
    private static let narrow: [Int64?] = [12, 13, 15, 17, 19, 20, 26, 31, 5, 6, 5, 5, nil, nil, nil, 0]
    private static let wide: [Int64?] = [17, 23, 32, 36, 40, 46, 50, 58, 60, 5, nil, nil, nil, nil, 0, 0]

    static func checkAMR(_ file: FileWindow) throws {
        let start = try file.bytes(upTo: 9, at: 0)
        let isWide = start.elementsEqual("#!AMR-WB\n".utf8)
        guard isWide || start.starts(with: "#!AMR\n".utf8) else { throw Malformed.parts }
        let sizes = isWide ? wide : narrow
        try checkFrames(file, from: isWide ? 9 : 6) { offset in
            let head = try file.byte(at: offset)
            guard head & 0x83 == 0 else { return nil }
            return sizes[Int(head >> 3 & 15)].map { $0 + 1 }
        }
    }

    /// - Parameter length: of the frame that begins there; nil for none.
    private static func checkFrames(
        _ file: FileWindow, from start: Int64, length: (Int64) throws -> Int64?
    ) throws {
        var offset = start
        var count = 0
        while offset < file.size {
            if let length = try length(offset) {
                offset += length
                guard offset <= file.size else { throw count > 0 ? Malformed.cutOff : Malformed.silence }
                count += 1
            } else if let end = try SoundTag.end(file, at: offset) {
                offset = end
            } else {
                guard count > 0 else { break }
                return try file.expectEnd(at: offset)
            }
        }
        guard count > 0 else { throw Malformed.silence }
    }
}

/// What players write before and behind sounds: title, artist.
enum SoundTag {
    static let oldLength: Int64 = 128

    /// Behind the tag that begins there; nil for none, and for one that is longer than the file.
    static func end(_ file: FileWindow, at offset: Int64) throws -> Int64? {
        if try isLast(file, offset) { return file.size }
        let head = try file.bytes(upTo: 32, at: offset)
        var length: Int64 = 0
        if head.count >= 10, head.text(3) == "ID3" {
            let footer: Int64 = head.bigEndian(1, at: 5) & 0x10 == 0 ? 0 : 10
            length = 10 + head.dropFirst(6).prefix(4).reduce(0) { $0 << 7 | Int64($1 & 0x7F) } + footer
        } else if head.count == 32, head.text(8) == "APETAGEX" {
            // A head says how much follows it; a foot stands alone.
            let isHead = head.bigEndian(1, at: 23) & 0x20 != 0
            length = 32 + (isHead ? head.littleEndian(4, at: 12) : 0)
        }
        return length > 0 && length <= file.size - offset ? offset + length : nil
    }

    /// Whether the old tag is all that follows.
    static func isLast(_ file: FileWindow, _ offset: Int64) throws -> Bool {
        guard offset >= 0, file.size - offset == oldLength else { return false }
        return try file.bytes(3, at: offset).elementsEqual("TAG".utf8)
    }
}
