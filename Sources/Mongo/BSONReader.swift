/// Reads documents in BSON's binary form (bsonspec.org, version 1.1); no length in them is trusted.
struct BSONReader {
    /// Servers keep documents of up to 200 levels, wherever they come from.
    private static let maxDepth = 200

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var depth = 0

    /// - Throws: `.invalidDocument`.
    static func document(in bytes: UnsafeRawBufferPointer) throws(MongoError) -> BSONDocument {
        var reader = BSONReader(bytes: bytes)
        let document = try reader.document()
        guard reader.position == bytes.count else { throw reader.error("bytes after the document") }
        return document
    }

    private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    private mutating func document() throws(MongoError) -> BSONDocument {
        var document = BSONDocument()
        try fields { key, value in document.append(value, for: key) }
        return document
    }

    private mutating func array() throws(MongoError) -> [BSONValue] {
        var items: [BSONValue] = []
        try fields { _, value in items.append(value) }
        return items
    }

    private mutating func fields(_ body: (String, BSONValue) -> Void) throws(MongoError) {
        guard depth < Self.maxDepth else { throw error("nested deeper than \(Self.maxDepth)") }
        depth += 1
        let start = position
        let length = try size()
        guard length >= 5, length <= bytes.count - start else { throw error("a wrong length") }
        let end = start + length - 1
        while position < end {
            let type = bytes[position]
            position += 1
            let key = try keyText()
            body(key, try value(type))
        }
        guard position == end, bytes[position] == 0 else { throw error("an end that is missing") }
        position += 1
        depth -= 1
    }

    private mutating func value(_ type: UInt8) throws(MongoError) -> BSONValue {
        switch type {
        case 0x01: return .double(Double(bitPattern: try integer()))
        case 0x02: return .string(try string())
        case 0x03: return .document(try document())
        case 0x04: return .array(try array())
        case 0x08: return .bool(try take(1)[0] != 0)
        case 0x09: return .date(milliseconds: try integer())
        case 0x0A: return .null
        case 0x10: return .integer(Int64(try integer() as Int32))
        case 0x12: return .integer(try integer())
        default:
            let start = position
            try skip(type)
            return .other(type: type, bytes: Array(bytes[start..<position]))
        }
    }

    private mutating func skip(_ type: UInt8) throws(MongoError) {
        switch type {
        case 0x06, 0x7F, 0xFF: break  // undefined, the greatest and the least key
        case 0x05: _ = try take(try size() + 1)  // binary, with its subtype
        case 0x07: _ = try take(12)  // ObjectId
        case 0x0B:  // regular expression
            _ = try keyText()
            _ = try keyText()
        case 0x0C:  // pointer
            _ = try take(try size())
            _ = try take(12)
        case 0x0D, 0x0E: _ = try take(try size())  // code, symbol
        case 0x0F:  // code with scope: its length counts itself
            let length = try size()
            guard length >= 4 else { throw error("a wrong length") }
            _ = try take(length - 4)
        case 0x11: _ = try take(8)  // timestamp
        case 0x13: _ = try take(16)  // decimal
        default: throw error("an unknown type \(type)")
        }
    }

    private mutating func string() throws(MongoError) -> String {
        let length = try size()
        guard length >= 1 else { throw error("a wrong length") }
        return String(decoding: try take(length).dropLast(), as: UTF8.self)
    }

    /// Up to a NUL.
    private mutating func keyText() throws(MongoError) -> String {
        guard let end = bytes[position...].firstIndex(of: 0) else { throw error("a key without end") }
        defer { position = end + 1 }
        return String(decoding: bytes[position..<end], as: UTF8.self)
    }

    private mutating func size() throws(MongoError) -> Int {
        let size: Int32 = try integer()
        guard size >= 0 else { throw error("a wrong length") }
        return Int(size)
    }

    private mutating func integer<Value: FixedWidthInteger & BitwiseCopyable>() throws(MongoError) -> Value {
        Value(littleEndian: try take(MemoryLayout<Value>.size).loadUnaligned(as: Value.self))
    }

    private mutating func take(_ count: Int) throws(MongoError) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw error("an end that comes too early") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    private func error(_ what: String) -> MongoError {
        MongoError(.invalidDocument, "BSON with \(what) at byte \(position)")
    }
}
