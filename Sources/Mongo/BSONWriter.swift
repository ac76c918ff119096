/// Writes documents in BSON's binary form (bsonspec.org, version 1.1).
struct BSONWriter {
    /// What servers take of documents within documents.
    static let maxDepth = 100

    private var bytes: [UInt8] = []

    /// - Throws: `.invalidDocument` for a key with a NUL character and for nesting beyond `maxDepth`.
    static func bytes(of document: BSONDocument) throws(MongoError) -> [UInt8] {
        var writer = BSONWriter()
        try writer.write(document, depth: 1)
        return writer.bytes
    }

    private mutating func write(_ document: BSONDocument, depth: Int) throws(MongoError) {
        let start = try open(depth)
        for (key, value) in document { try write(value, key: key, depth: depth) }
        close(start)
    }

    private mutating func write(_ items: [BSONValue], depth: Int) throws(MongoError) {
        let start = try open(depth)
        for (place, item) in items.enumerated() { try write(item, key: String(place), depth: depth) }
        close(start)
    }

    private mutating func open(_ depth: Int) throws(MongoError) -> Int {
        guard depth <= Self.maxDepth else {
            throw MongoError(.invalidDocument, "nested deeper than \(Self.maxDepth)")
        }
        append(Int32(0))
        return bytes.count - 4
    }

    /// Ends a document and puts its length where it starts.
    private mutating func close(_ start: Int) {
        bytes.append(0)
        let length = UInt32(truncatingIfNeeded: bytes.count - start)
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (8 * UInt32(place))) }
    }

    private mutating func write(_ value: BSONValue, key: String, depth: Int) throws(MongoError) {
        guard !key.utf8.contains(0) else { throw MongoError(.invalidDocument, "a key with a NUL character") }
        bytes.append(value.type)
        bytes.append(contentsOf: key.utf8)
        bytes.append(0)
        switch value {
        case .null: break
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .integer(let value), .date(let value): append(value)
        case .double(let value): append(Int64(bitPattern: value.bitPattern))
        case .string(let value):
            append(Int32(truncatingIfNeeded: value.utf8.count + 1))
            bytes.append(contentsOf: value.utf8)
            bytes.append(0)
        case .array(let items): try write(items, depth: depth + 1)
        case .document(let document): try write(document, depth: depth + 1)
        case .other(_, let raw): bytes.append(contentsOf: raw)
        }
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

extension BSONValue {
    /// The byte that stands before the key.
    fileprivate var type: UInt8 {
        switch self {
        case .double: 0x01
        case .string: 0x02
        case .document: 0x03
        case .array: 0x04
        case .bool: 0x08
        case .date: 0x09
        case .null: 0x0A
        case .integer: 0x12
        case .other(let type, _): type
        }
    }
}
