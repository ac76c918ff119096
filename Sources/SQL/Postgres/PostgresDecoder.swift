import CPostgres
import Foundation

/// Turns a statement's results, which come as text, into values; made from the first of them.
struct PostgresDecoder {
    private enum Form { case text, integer, boolean, double, numeric, bytes }

    private let columns: SQLColumns
    private let forms: [Form]

    init(_ result: borrowing PostgresResult) {
        let count = PQnfields(result.pointer)
        columns = SQLColumns((0..<count).map { String(cString: PQfname(result.pointer, $0)) })
        forms = (0..<count).map { Self.form(PQftype(result.pointer, $0)) }
    }

    func decode(_ result: borrowing PostgresResult) -> SQLResult {
        let rowCount = PQntuples(result.pointer)
        var values: [SQLValue] = []
        values.reserveCapacity(Int(rowCount) * forms.count)
        for row in 0..<rowCount {
            for (column, form) in forms.enumerated() {
                values.append(Self.value(result.pointer, row, Int32(column), form))
            }
        }
        return SQLResult(columns: columns, values: values, rowCount: Int(rowCount), touched: result.touched)
    }

    private static func form(_ oid: Oid) -> Form {
        switch oid {
        case 16: .boolean
        case 20, 21, 23, 26: .integer
        case 700, 701: .double
        case 1700: .numeric
        case 17: .bytes
        default: .text
        }
    }

    private static func value(_ result: OpaquePointer, _ row: Int32, _ column: Int32, _ form: Form) -> SQLValue {
        guard let start = PQgetvalue(result, row, column) else { return .null }
        let length = Int(PQgetlength(result, row, column))
        if length == 0, PQgetisnull(result, row, column) == 1 { return .null }
        return start.withMemoryRebound(to: UInt8.self, capacity: length + 1) { start in
            let bytes = UnsafeBufferPointer(start: start, count: length)
            switch form {
            case .text: return .text(String(decoding: bytes, as: UTF8.self))
            case .boolean: return .bool(bytes.first == UInt8(ascii: "t"))
            case .integer: return integer(bytes).map(SQLValue.integer) ?? text(bytes)
            case .double: return .double(double(start))
            // Sums and such: whole when they are.
            case .numeric: return integer(bytes).map(SQLValue.integer) ?? .double(double(start))
            case .bytes: return .bytes(unhex(bytes))
            }
        }
    }

    private static func text(_ bytes: UnsafeBufferPointer<UInt8>) -> SQLValue {
        .text(String(decoding: bytes, as: UTF8.self))
    }

    private static func double(_ start: UnsafePointer<UInt8>) -> Double {
        start.withMemoryRebound(to: CChar.self, capacity: 1) { strtod($0, nil) }
    }

    private static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var digits = bytes[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.dropFirst() }
        guard !digits.isEmpty else { return nil }
        var number: Int64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            let (scaled, overflow) = number.multipliedReportingOverflow(by: 10)
            // Counted downwards, since the smallest Int64 has no positive twin.
            let (sum, underflow) = scaled.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
            if overflow || underflow { return nil }
            number = sum
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }

    /// `\x` and two digits for each byte.
    private static func unhex(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        guard bytes.count >= 2 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: (bytes.count - 2) / 2) { output, count in
            count = (bytes.count - 2) / 2
            for index in 0..<count {
                output[index] = nibble(bytes[2 + 2 * index]) << 4 | nibble(bytes[3 + 2 * index])
            }
        }
    }

    private static func nibble(_ digit: UInt8) -> UInt8 { digit <= 57 ? digit &- 48 : digit &- 87 }
}
