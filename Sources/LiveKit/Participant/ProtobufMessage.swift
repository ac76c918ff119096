/// A message of Protocol Buffers, its fields by their numbers. What is not asked for is not looked into.
struct ProtobufMessage: Sendable {
    private enum Value {
        case integer(UInt64)
        case bytes(ArraySlice<UInt8>)
    }

    private var fields: [(number: Int, value: Value)] = []

    static let empty = ProtobufMessage()

    private init() {}

    /// Nil for what is none.
    init?(_ bytes: some Sequence<UInt8>) { self.init(slice: ArraySlice(Array(bytes))) }

    private init?(slice: ArraySlice<UInt8>) {
        var rest = slice
        while !rest.isEmpty {
            guard let key = Self.varint(&rest), let number = Int(exactly: key >> 3), number > 0 else { return nil }
            switch key & 7 {
            case 0:
                guard let value = Self.varint(&rest) else { return nil }
                fields.append((number, .integer(value)))
            case 1, 5:
                guard rest.count >= (key & 7 == 1 ? 8 : 4) else { return nil }
                rest = rest.dropFirst(key & 7 == 1 ? 8 : 4)
            case 2:
                guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
                fields.append((number, .bytes(rest.prefix(Int(length)))))
                rest = rest.dropFirst(Int(length))
            default: return nil
            }
        }
    }

    private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard let byte = rest.popFirst() else { return nil }
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }

    /// The last one counts, as the format has it.
    private func last(_ number: Int) -> Value? { fields.last { $0.number == number }?.value }

    /// The number of the first field: which of several alternatives it is.
    func first(of numbers: Set<Int>) -> Int? { fields.first { numbers.contains($0.number) }?.number }

    func integer(_ number: Int) -> UInt64? {
        if case .integer(let value)? = last(number) { value } else { nil }
    }

    func text(_ number: Int) -> String? {
        if case .bytes(let bytes)? = last(number) { String(decoding: bytes, as: UTF8.self) } else { nil }
    }

    func message(_ number: Int) -> ProtobufMessage? {
        if case .bytes(let bytes)? = last(number) { ProtobufMessage(slice: bytes) } else { nil }
    }

    func messages(_ number: Int) -> [ProtobufMessage] {
        fields.filter { $0.number == number }.compactMap { field in
            if case .bytes(let bytes) = field.value { ProtobufMessage(slice: bytes) } else { nil }
        }
    }

    func entries(_ number: Int) -> [String: String] {
        var entries: [String: String] = [:]
        for entry in messages(number) { entries[entry.text(1) ?? ""] = entry.text(2) ?? "" }
        return entries
    }
}
