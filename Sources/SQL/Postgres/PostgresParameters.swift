import CPostgres

/// The parameters of one statement, laid out in one buffer. Scalars go as text, whose type the server finds out;
/// bytes and whole columns go in PostgreSQL's binary form, which needs no escaping and no parsing.
struct PostgresParameters {
    private var buffer: [UInt8] = []
    /// Into `buffer`; negative for null.
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    var count: Int { offsets.count }

    /// Forgets the parameters but keeps a buffer of moderate size.
    mutating func removeAll() {
        buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 18)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
    }

    mutating func append(_ value: SQLValue, number: Int) throws(SQLError) {
        let start = buffer.count
        var isBinary = false
        switch value {
        case .null:
            offsets.append(-1)
            lengths.append(0)
            formats.append(0)
            return
        case .bool(let bool): buffer.append(UInt8(ascii: bool ? "t" : "f"))
        case .integer(let integer): buffer.append(contentsOf: String(integer).utf8)
        case .double(let double): buffer.append(contentsOf: "\(double)".utf8)
        case .text(let text):
            buffer.append(contentsOf: text.utf8)
            if buffer[start...].contains(0) { throw PostgresParameters.nul("parameter $\(number)") }
        case .bytes(let bytes):
            buffer.append(contentsOf: bytes)
            isBinary = true
        }
        finish(from: start, isBinary: isBinary)
    }

    /// Appends one column of the rows `range` as an array.
    mutating func append(column index: Int, of rows: SQLRows, _ range: Range<Int>) throws(SQLError) {
        let column = rows.columns[index]
        let width = rows.columns.count
        let start = buffer.count
        append(UInt32(1))
        append(UInt32(1))
        append(column.type.oid)
        append(UInt32(range.count))
        append(UInt32(1))
        for row in range {
            let value = rows.values[row * width + index]
            try SQLRows.check(value, column)
            try append(element: value, column)
        }
        finish(from: start, isBinary: true)
    }

    func withPointers<Result>(
        _ body: (Int32, [UnsafePointer<CChar>?], [Int32], [Int32]) -> Result
    ) -> Result {
        buffer.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) { chars in
                let pointers = offsets.map { offset in
                    offset < 0 ? nil : chars.baseAddress.map { $0.advanced(by: offset) }
                }
                return body(Int32(pointers.count), pointers, lengths, formats)
            }
        }
    }

    static func nul(_ place: String) -> SQLError {
        SQLError(.invalid(sqlState: "22021"), "\(place) holds the character U+0000")
    }

    private mutating func append(element value: SQLValue, _ column: SQLRows.Column) throws(SQLError) {
        switch value {
        case .null: append(UInt32.max)
        case .bool(let bool):
            append(UInt32(1))
            buffer.append(bool ? 1 : 0)
        case .integer(let integer):
            append(UInt32(8))
            append(column.type == .double ? Double(integer).bitPattern : UInt64(bitPattern: integer))
        case .double(let double):
            append(UInt32(8))
            append(double.bitPattern)
        case .text(let text):
            let place = buffer.count
            append(UInt32(0))
            // JSONB's binary form is a version and the text.
            if column.type == .json { buffer.append(1) }
            buffer.append(contentsOf: text.utf8)
            if buffer[(place + 4)...].contains(0) { throw PostgresParameters.nul("column \(column.name)") }
            put(UInt32(buffer.count - place - 4), at: place)
        case .bytes(let bytes):
            append(UInt32(bytes.count))
            buffer.append(contentsOf: bytes)
        }
    }

    private mutating func finish(from start: Int, isBinary: Bool) {
        offsets.append(start)
        lengths.append(Int32(buffer.count - start))
        formats.append(isBinary ? 1 : 0)
        buffer.append(0)
    }

    private mutating func append<Integer: FixedWidthInteger>(_ integer: Integer) {
        withUnsafeBytes(of: integer.bigEndian) { buffer.append(contentsOf: $0) }
    }

    private mutating func put(_ integer: UInt32, at place: Int) {
        for byte in 0..<4 { buffer[place + byte] = UInt8(truncatingIfNeeded: integer >> (24 - 8 * UInt32(byte))) }
    }
}

extension SQLType {
    /// PostgreSQL's number for the type of an array's elements.
    fileprivate var oid: UInt32 {
        switch self {
        case .text: 25
        case .bigint: 20
        case .boolean: 16
        case .double: 701
        case .json: 3802
        case .bytes: 17
        }
    }
}

extension SQLValue {
    /// Roughly what the value takes on the wire.
    var wireSize: Int {
        switch self {
        case .null: 4
        case .bool, .integer, .double: 12
        case .text(let text): 5 + text.utf8.count
        case .bytes(let bytes): 4 + bytes.count
        }
    }
}
