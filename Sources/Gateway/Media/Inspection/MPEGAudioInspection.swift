/// MP3, which has neither a head nor an end: its first frames follow one another.
enum MPEGAudioInspection {
    private static let frames = 3
    /// How far behind a tag the first frame may be.
    private static let search: Int64 = 64 << 10

    static func check(_ file: FileWindow) throws {
        let start = try SoundTag.end(file)
        for offset in start..<max(start, min(start + search, file.size)) where try begins(file, at: offset) { return }
        throw Malformed(problem: "there is no whole sound in it")
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
