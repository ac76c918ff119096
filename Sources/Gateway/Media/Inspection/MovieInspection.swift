/// MP4 and its kin: boxes from the first byte to the last, with an index.
enum MovieInspection {
    private static let boxLimit = 100_000

    static func begins(_ file: FileWindow, at offset: Int64) throws -> Bool {
        try file.bytes(upTo: 8, at: offset).dropFirst(4).elementsEqual("ftyp".utf8)
    }

    static func check(_ file: FileWindow, from start: Int64 = 0) throws {
        guard try begins(file, at: start) else { throw Malformed.parts }
        var offset = start
        var hasIndex = false
        var count = 0
        while offset < file.size {
            let head = try file.bytes(8, at: offset)
            if head.allSatisfy({ $0 == 0 }) {
                try file.expectEnd(at: offset)
                break
            }
            let name = head.text(4, at: 4)
            guard name.utf8.count == 4, name.utf8.allSatisfy({ (0x20...0x7E).contains($0) }), count < boxLimit else {
                throw Malformed.parts
            }
            let length =
                switch head.bigEndian(4) {
                case 0: file.size - offset
                case 1: try file.bytes(16, at: offset).bigEndian(8, at: 8)
                case let length: length
                }
            guard length >= 8 else { throw Malformed.parts }
            guard length <= file.size - offset else {
                throw Malformed(problem: "it is cut off, or not a film to its end")
            }
            if name == "moov" { hasIndex = true }
            offset += length
            count += 1
        }
        guard hasIndex else { throw Malformed(problem: "it is cut off: it has no index") }
    }
}
