/// The container of Word, Excel and PowerPoint files before 2007 (CFB): a file system of sectors with a tree of names.
struct CompoundFile {
    static let signature: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    private struct Entry {
        let name: String
        let kind: UInt8
        let left: UInt32
        let right: UInt32
        let child: UInt32
        let start: UInt32
        let size: Int64
    }

    /// The type by the stream that each has; nil for none or several of them.
    let type: String?
    private let hasMacros: Bool

    private static let types = [
        "WordDocument": "application/msword", "Workbook": "application/vnd.ms-excel",
        "Book": "application/vnd.ms-excel", "PowerPoint Document": "application/vnd.ms-powerpoint",
    ]
    private static let macroNames: Set<String> = ["_vba_project", "_vba_project_cur", "vba", "macros"]
    private static let directoryLimit = 4 << 20
    /// Streams below are kept elsewhere, in parts of sectors.
    private static let cutOff: Int64 = 4096

    /// - Throws: `Malformed`
    init(_ file: FileWindow) throws {
        let sectors = try Sectors(file)
        let directory = try sectors.chain(from: sectors.directory)
        guard directory.count * sectors.size <= Self.directoryLimit else {
            throw Malformed(problem: "it has too many parts")
        }
        var entries: [Entry] = []
        for sector in directory {
            let bytes = try file.bytes(sectors.size, at: sectors.place(of: sector))
            entries += stride(from: 0, to: sectors.size, by: 128).map { Self.entry(bytes, $0, sectors.size == 512) }
        }
        guard let root = entries.first, root.kind == 5 else { throw Malformed.parts }
        var used = directory.count
        for entry in entries where entry.kind == 2 && entry.size >= Self.cutOff || entry.kind == 5 && entry.size > 0 {
            let chain = try sectors.chain(from: entry.start)
            used += chain.count
            let width = Int64(sectors.size)
            guard Int64(chain.count) * width >= entry.size, used <= sectors.count else { throw Malformed.parts }
            // The file may end with its last byte, within a sector.
            let last = chain[Int((entry.size - 1) / width)]
            guard sectors.place(of: last) + (entry.size - 1) % width < file.size else { throw Malformed.cutOff }
        }
        let types = Set(try Self.names(in: root, entries).compactMap { Self.types[$0] })
        type = types.count == 1 ? types.first : nil
        hasMacros = entries.contains { $0.kind != 0 && Self.macroNames.contains($0.name.lowercased()) }
    }

    /// - Throws: `Malformed`
    func check(type: String) throws {
        guard self.type == type else { throw Malformed(problem: "its parts are those of something else") }
        guard !hasMacros else { throw Malformed(problem: "it holds macros") }
    }

    private static func entry(_ sector: ArraySlice<UInt8>, _ place: Int, _ isNarrow: Bool) -> Entry {
        let length = max(0, min(64, Int(sector.littleEndian(2, at: place + 64))) - 2)
        let units = stride(from: 0, to: length - length % 2, by: 2).map {
            UInt16(sector.littleEndian(2, at: place + $0))
        }
        func number(_ offset: Int) -> UInt32 { UInt32(sector.littleEndian(4, at: place + offset)) }
        return Entry(
            name: String(decoding: units, as: UTF16.self), kind: UInt8(sector.littleEndian(1, at: place + 66)),
            left: number(68), right: number(72), child: number(76), start: number(116),
            size: sector.littleEndian(isNarrow ? 4 : 7, at: place + 120))
    }

    /// Of what lies in a folder itself: what is embedded deeper has the same names.
    private static func names(in folder: Entry, _ entries: [Entry]) throws -> [String] {
        var names: [String] = []
        var waiting = [folder.child]
        var seen: Set<UInt32> = []
        while let next = waiting.popLast() {
            guard next != Sectors.none else { continue }
            guard Int(next) < entries.count, seen.insert(next).inserted else { throw Malformed.parts }
            let entry = entries[Int(next)]
            names.append(entry.name)
            waiting += [entry.left, entry.right]
        }
        return names
    }

    /// The sectors of the file and which follows which.
    private struct Sectors {
        static let none: UInt32 = 0xFFFF_FFFF
        private static let last: UInt32 = 0xFFFF_FFFE

        /// Bytes of each.
        let size: Int
        /// In the file.
        let count: Int
        /// Where the directory begins.
        let directory: UInt32
        private var following: [UInt32] = []

        init(_ file: FileWindow) throws {
            let head = try file.bytes(512, at: 0)
            guard head.prefix(8).elementsEqual(signature), [9, 12].contains(head.littleEndian(2, at: 30)) else {
                throw Malformed.parts
            }
            size = 1 << Int(head.littleEndian(2, at: 30))
            count = Int((file.size - 1) / Int64(size))
            directory = UInt32(head.littleEndian(4, at: 48))
            let claimed = Int(head.littleEndian(4, at: 44))
            guard claimed <= count else { throw Malformed.cutOff }
            // More tables would tell of sectors that are not in the file, and cost memory.
            let tables = min(claimed, (count + size / 4 - 1) / (size / 4))
            var places = (0..<min(109, tables)).map { UInt32(head.littleEndian(4, at: 76 + 4 * $0)) }
            var more = UInt32(head.littleEndian(4, at: 68))
            let width = size / 4
            while places.count < tables {
                let numbers = try Self.numbers(file.bytes(size, at: place(of: more)), width)
                places += numbers.dropLast().prefix(tables - places.count)
                more = numbers[width - 1]
            }
            following.reserveCapacity(tables * width)
            for table in places { following += try Self.numbers(file.bytes(size, at: place(of: table)), width) }
        }

        private static func numbers(_ sector: ArraySlice<UInt8>, _ count: Int) -> [UInt32] {
            (0..<count).map { UInt32(sector.littleEndian(4, at: 4 * $0)) }
        }

        func place(of sector: UInt32) -> Int64 { (Int64(sector) + 1) * Int64(size) }

        /// - Throws: `Malformed` for sectors that are not in the file, and for a circle.
        func chain(from start: UInt32) throws -> [UInt32] {
            var chain: [UInt32] = []
            var next = start
            while next != Self.last {
                guard Int(next) < count else { throw Malformed.cutOff }
                guard Int(next) < following.count, chain.count < count else { throw Malformed.parts }
                chain.append(next)
                next = following[Int(next)]
            }
            return chain
        }
    }
}
