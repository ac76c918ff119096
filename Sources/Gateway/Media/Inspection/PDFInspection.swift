/// PDF: begins at the first byte, and its end mark is near the last.
enum PDFInspection {
    private static let end = Array("%%EOF".utf8)
    private static let tail: Int64 = 4096

    static func check(_ file: FileWindow) throws {
        guard try file.bytes(upTo: 5, at: 0).starts(with: "%PDF-".utf8) else {
            throw Malformed(problem: "other data stand before its beginning")
        }
        let last = Array(try file.bytes(upTo: Int(tail), at: max(0, file.size - tail)))
        guard let place = last.indices.dropLast(end.count - 1).last(where: { last[$0...].starts(with: end) }) else {
            throw Malformed(problem: "it is cut off: its end mark is missing")
        }
        guard last[(place + end.count)...].allSatisfy({ [0x00, 0x09, 0x0A, 0x0C, 0x0D, 0x20].contains($0) }) else {
            throw Malformed.tail
        }
    }
}
