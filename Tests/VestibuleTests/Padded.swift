@testable import Simulator

/// Samples made larger by bytes that belong to them and mean nothing.
enum Padded {
    /// In a part of its own before the last, which has twelve bytes.
    static func png(_ padding: [UInt8]) -> [UInt8] {
        let sample = SampleMedia.of("png")?.bytes ?? []
        var bytes: [UInt8] = Array(sample.dropLast(12))
        bytes += withUnsafeBytes(of: UInt32(padding.count).bigEndian) { Array($0) }
        bytes += Array("paDd".utf8)
        bytes += padding
        bytes += [0, 0, 0, 0]
        bytes += sample.suffix(12)
        return bytes
    }

    /// Before the end mark.
    static func pdf(_ padding: [UInt8]) -> [UInt8] {
        var bytes = SampleMedia.of("document")?.bytes ?? []
        bytes += padding
        bytes += Array("\n%%EOF\n".utf8)
        return bytes
    }
}
