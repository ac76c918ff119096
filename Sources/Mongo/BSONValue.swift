import JSON

/// A value of a MongoDB document.
package enum BSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    /// Written as a 64-bit integer; a 32-bit one reads as this too.
    case integer(Int64)
    case double(Double)
    case string(String)
    /// Since 1970 in UTC.
    case date(milliseconds: Int64)
    case array([BSONValue])
    case document(BSONDocument)
    /// Any other kind (an ObjectId is 7) with its bytes as they stand in the document, so that it can be written back.
    case other(type: UInt8, bytes: [UInt8])

    package init(_ json: JSON) {
        switch json {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .double(value)
        case .string(let value): self = .string(value)
        case .array(let items): self = .array(items.map(BSONValue.init))
        case .object(let object): self = .document(BSONDocument(object))
        }
    }

    /// An integer, or a double that is exactly one, as servers write counts either way.
    package var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    package var string: String? {
        if case .string(let value) = self { value } else { nil }
    }

    package var bool: Bool? {
        if case .bool(let value) = self { value } else { nil }
    }

    package var array: [BSONValue]? {
        if case .array(let items) = self { items } else { nil }
    }

    package var document: BSONDocument? {
        if case .document(let document) = self { document } else { nil }
    }
}

extension BSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(floatLiteral value: Double) { self = .double(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(arrayLiteral elements: BSONValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, BSONValue)...) { self = .document(BSONDocument(elements)) }
}
