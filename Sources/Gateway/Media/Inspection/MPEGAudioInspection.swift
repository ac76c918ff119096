/// MP3: frames that follow one another, with tags and leavings before, between and behind those of good files, where
/// players pass over them. It has no end mark, and tables that tell its length are not kept up by programs that cut
/// sounds: cut off between two frames it is shorter, not broken.
enum MPEGAudioInspection {
    private static let frames = 3
    /// How far behind a tag the first frame may be.
    private static let search: Int64 = 64 << 10
    /// So much that is no frame is passed over in all.
    private static let leavings: Int64 = 64 << 10

    static func check(_ file: FileWindow) throws {
        let start = try SoundTag.end(file, at: 0) ?? 0
        let window = start..<max(start, min(start + search, file.size))
        guard let first = try window.first(where: { try begins(file, at: $0) }) else {
            throw Malformed.silence
        }
        try walk(file, from: first)
    }

    /// Through all frames to the end. Markup in what is passed over is none of a recorder's.
    private static func walk(_ file: FileWindow, from first: Int64) throws {
        var offset = first
        var left = leavings
        while offset < file.size {
            if let length = try frameLength(file, offset) {
                offset += length
                if offset <= file.size { continue }
                // What has a tag behind it was taken for whole by whoever wrote that.
                guard try SoundTag.isLast(file, file.size - SoundTag.oldLength) else { throw Malformed.cutOff }
            } else if let end = try SoundTag.end(file, at: offset) {
                offset = end
            } else {
                let end = try nextFrame(file, behind: offset, within: left)
                guard end - offset <= left else { return try file.expectEnd(at: offset) }
                try TextInspection.expectNoMarkup(file.bytes(Int(end - offset), at: offset))
                left -= end - offset
                offset = end
            }
        }
    }

    /// - Returns: the end of the file when no frames follow.
    private static func nextFrame(_ file: FileWindow, behind offset: Int64, within left: Int64) throws -> Int64 {
        let last = min(file.size - 1, offset + left)
        guard last > offset else { return file.size }
        return try (offset + 1...last).first { try begins(file, at: $0) } ?? file.size
    }

    private static func begins(_ file: FileWindow, at start: Int64) throws -> Bool {
        var offset = start
        for number in 0..<frames {
            // One of few frames may end before.
            if number > 0, offset == file.size { return true }
            guard let length = try frameLength(file, offset), offset + length <= file.size else { return false }
            offset += length
        }
        return true
    }

    private static let slow: [Int64] = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
    private static let layer2: [Int64] = [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384]
    private static let layer3: [Int64] = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]

    /// - Returns: nil where no frame of the layers 2 and 3 begins.
    private static func frameLength(_ file: FileWindow, _ offset: Int64) throws -> Int64? {
        let head = try file.bytes(upTo: 4, at: offset)
        guard head.count == 4, head.bigEndian(2) & 0xFFE0 == 0xFFE0 else { return nil }
        let (version, layer) = (head.bigEndian(1, at: 1) >> 3 & 3, head.bigEndian(1, at: 1) >> 1 & 3)
        let (rate, frequency) = (Int(head.bigEndian(1, at: 2) >> 4), Int(head.bigEndian(1, at: 2) >> 2 & 3))
        guard version != 1, layer == 1 || layer == 2, (1...14).contains(rate), frequency < 3 else { return nil }
        let isFirst = version == 3
        let bits = 1000 * (isFirst ? (layer == 1 ? layer3 : layer2) : slow)[rate]
        let hertz: Int64 = [44_100, 48_000, 32_000][frequency] / (isFirst ? 1 : version == 2 ? 2 : 4)
        return (isFirst || layer == 2 ? 144 : 72) * bits / hertz + (head.bigEndian(1, at: 2) >> 1 & 1)
    }
}
