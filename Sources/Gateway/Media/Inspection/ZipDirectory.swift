/// The central directory of a ZIP archive, bounded and free of what makes two readers see two archives: entries that
/// overlap, names that are there twice, data before and behind.
struct ZipDirectory {
    struct Entry {
        let name: String
        let isDeflated: Bool
        let crc: UInt32
        let compressed: Int64
        let size: Int64
        /// Of its head.
        let offset: Int64
    }

    let entries: [Entry]

    private static let entryLimit = 10_000
    private static let directoryLimit: Int64 = 4 << 20
    private static let endLength: Int64 = 22
    private static let endMark = Array("PK\u{5}\u{6}".utf8)
    /// Bytes that all entries may be together, unpacked.
    private static let sizeLimit: Int64 = 512 << 20
    /// How many times larger than the archive they may be, where they are more than a few.
    private static let ratioLimit: Int64 = 200
    private static let few: Int64 = 16 << 20

    /// - Returns: where the last record of an archive begins that ends with the file; nil for no archive.
    static func end(of file: FileWindow) throws -> Int64? {
        let start = max(0, file.size - endLength - 0xFFFF)
        let tail = try file.bytes(Int(file.size - start), at: start)
        guard tail.count >= Int(endLength) else { return nil }
        for place in (tail.startIndex...tail.endIndex - Int(endLength)).reversed()
        where tail[place] == endMark[0] && tail[place...].starts(with: endMark) {
            let comment = tail[place...].littleEndian(2, at: 20)
            if place + Int(endLength + comment) == tail.endIndex { return start + Int64(place - tail.startIndex) }
        }
        return nil
    }

    /// - Throws: `Malformed`
    init(_ file: FileWindow) throws {
        guard let end = try Self.end(of: file) else {
            throw Malformed(problem: "it is cut off, or has other data behind it")
        }
        let last = try file.bytes(Int(Self.endLength), at: end)
        let (count, size, offset) = (
            last.littleEndian(2, at: 10), last.littleEndian(4, at: 12), last.littleEndian(4, at: 16)
        )
        guard last.littleEndian(4, at: 4) == 0, last.littleEndian(2, at: 8) == count, offset + size == end else {
            throw Malformed(problem: "its directory is not where it says")
        }
        guard count <= Self.entryLimit, size <= Self.directoryLimit else {
            throw Malformed(problem: "it has too many parts")
        }
        entries = try Self.read(file.bytes(Int(size), at: offset), Int(count))
        try Self.checkNames(entries)
        try Self.checkSizes(entries, file.size)
        try Self.checkPlaces(entries, file, until: offset)
    }

    private static func read(_ directory: ArraySlice<UInt8>, _ count: Int) throws -> [Entry] {
        var rest = directory
        let entries = try (0..<count).map { _ in
            guard rest.count >= 46, rest.littleEndian(4) == 0x0201_4B50 else { throw Malformed.parts }
            let name = Int(rest.littleEndian(2, at: 28))
            let length = 46 + name + Int(rest.littleEndian(2, at: 30) + rest.littleEndian(2, at: 32))
            guard rest.count >= length else { throw Malformed.parts }
            defer { rest = rest.dropFirst(length) }
            return try entry(rest, name: rest.text(name, at: 46))
        }
        guard rest.isEmpty else { throw Malformed.parts }
        return entries
    }

    private static func entry(_ head: ArraySlice<UInt8>, name: String) throws -> Entry {
        guard head.littleEndian(2, at: 8) & 0x2041 == 0 else { throw Malformed(problem: "it is encrypted") }
        let method = head.littleEndian(2, at: 10)
        let entry = Entry(
            name: name, isDeflated: method == 8, crc: UInt32(head.littleEndian(4, at: 16)),
            compressed: head.littleEndian(4, at: 20), size: head.littleEndian(4, at: 24),
            offset: head.littleEndian(4, at: 42))
        guard method == 8 || method == 0 && entry.compressed == entry.size else { throw Malformed.parts }
        return entry
    }

    private static func checkNames(_ entries: [Entry]) throws {
        var names: Set<String> = []
        for entry in entries {
            guard names.insert(entry.name.lowercased()).inserted else {
                throw Malformed(problem: "two of its parts have one name")
            }
            let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
            guard !entry.name.utf8.contains(0), !entry.name.contains("\\"), parts.first != "", !parts.contains("..")
            else {
                throw Malformed(problem: "one of its parts has the name of a path outside")
            }
        }
    }

    private static func checkSizes(_ entries: [Entry], _ fileSize: Int64) throws {
        let total = entries.reduce(0) { $0 + $1.size }
        guard total <= sizeLimit, total <= few || total / ratioLimit <= fileSize else {
            throw Malformed(problem: "it is a bomb: unpacked it would be \(total) bytes")
        }
    }

    /// Each head says the same as the directory, and no byte belongs to two parts.
    private static func checkPlaces(_ entries: [Entry], _ file: FileWindow, until directory: Int64) throws {
        var end: Int64 = 0
        for (number, entry) in entries.sorted(by: { $0.offset < $1.offset }).enumerated() {
            guard entry.offset >= end, number > 0 || entry.offset == 0 else { throw Malformed.parts }
            let start = try dataStart(of: entry, file)
            end = start + entry.compressed
            guard end <= directory else { throw Malformed.parts }
        }
    }

    /// - Throws: `Malformed` when its head is none, or says otherwise than the directory.
    static func dataStart(of entry: Entry, _ file: FileWindow) throws -> Int64 {
        let head = try file.bytes(30, at: entry.offset)
        guard head.littleEndian(4) == 0x0403_4B50, head.littleEndian(2, at: 8) == (entry.isDeflated ? 8 : 0) else {
            throw Malformed.parts
        }
        let (name, extra) = (Int(head.littleEndian(2, at: 26)), head.littleEndian(2, at: 28))
        guard try file.bytes(name, at: entry.offset + 30).text(name) == entry.name else { throw Malformed.parts }
        return entry.offset + 30 + Int64(name) + extra
    }
}
