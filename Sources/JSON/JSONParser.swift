/// A recursive-descent parser over bytes that stay in place while it runs.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let strict: Bool
    private let maxDepth: Int
    private var position = 0
    private var depth = 0
    /// A string with escapes is put together here; kept for the next one.
    private var scratch: [UInt8] = []

    init(_ bytes: UnsafeBufferPointer<UInt8>, mode: JSONMode, maxDepth: Int) {
        self.bytes = bytes
        self.strict = mode == .strict
        self.maxDepth = maxDepth
    }

    mutating func document() throws(JSONError) -> JSON {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        skipSpace()
        let value = try value()
        skipSpace()
        if position < bytes.count { throw error("text after the value") }
        return value
    }

    private mutating func value() throws(JSONError) -> JSON {
        guard let byte = peek() else { throw error("the text ends too early") }
        switch byte {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: throw error("a value was expected")
        }
    }

    private mutating func word(_ word: StaticString, _ value: JSON) throws(JSONError) -> JSON {
        let end = position + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw error("a value was expected") }
        for offset in 0..<word.utf8CodeUnitCount where bytes[position + offset] != word.utf8Start[offset] {
            throw error("a value was expected")
        }
        position = end
        return value
    }
}

// MARK: Arrays and objects

extension JSONParser {
    private mutating func array() throws(JSONError) -> JSON {
        try descend()
        var items: [JSON] = []
        if peek() == UInt8(ascii: "]") {
            position += 1
        } else {
            repeat {
                skipSpace()
                items.append(try value())
                skipSpace()
            } while try !closes(with: UInt8(ascii: "]"))
        }
        depth -= 1
        return .array(items)
    }

    private mutating func object() throws(JSONError) -> JSON {
        try descend()
        var object = JSONObject()
        if peek() == UInt8(ascii: "}") {
            position += 1
        } else {
            repeat {
                skipSpace()
                let start = position
                guard peek() == UInt8(ascii: "\"") else { throw error("a key was expected") }
                let key = try string()
                skipSpace()
                guard peek() == UInt8(ascii: ":") else { throw error("a colon was expected") }
                position += 1
                skipSpace()
                let isNew = object.insert(try value(), for: key)
                if strict, !isNew { throw JSONError(offset: start, message: "a key of the object comes twice") }
                skipSpace()
            } while try !closes(with: UInt8(ascii: "}"))
        }
        depth -= 1
        return .object(object)
    }

    private mutating func descend() throws(JSONError) {
        guard depth < maxDepth else { throw error("nested deeper than \(maxDepth)") }
        depth += 1
        position += 1
        skipSpace()
    }

    /// Steps over the comma or the closing bracket after an item; true for the bracket.
    private mutating func closes(with bracket: UInt8) throws(JSONError) -> Bool {
        let byte = peek()
        guard byte == bracket || byte == UInt8(ascii: ",") else {
            throw error(
                position < bytes.count ? "a comma or a closing bracket was expected" : "the text ends too early")
        }
        position += 1
        return byte == bracket
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(JSONError) -> JSON {
        let start = position
        let negative = peek() == UInt8(ascii: "-")
        if negative { position += 1 }
        let leading = peek()
        var magnitude: Int64 = 0
        var fits = true
        let digits = takeDigits { digit in
            // Kept below zero, where `Int64` has room for one more.
            let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
            let (difference, underflow) = product.subtractingReportingOverflow(Int64(digit))
            fits = fits && !overflow && !underflow
            magnitude = difference
        }
        guard digits > 0 else { throw error("a digit was expected") }
        if leading == UInt8(ascii: "0"), digits > 1 {
            throw JSONError(offset: start, message: "a number must not start with zero")
        }
        var isInteger = true
        if peek() == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            guard takeDigits({ _ in }) > 0 else { throw error("a digit was expected") }
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
            guard takeDigits({ _ in }) > 0 else { throw error("a digit was expected") }
        }
        if isInteger, fits, negative || magnitude != .min { return .integer(negative ? magnitude : -magnitude) }

        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, !strict { return .string(literal) }
        if let double = Double(literal), double.isFinite { return .number(double) }
        if strict { throw JSONError(offset: start, message: "a number is out of range") }
        return .string(literal)
    }

    private mutating func takeDigits(_ body: (UInt8) -> Void) -> Int {
        let start = position
        while position < bytes.count {
            let digit = bytes[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            body(digit)
            position += 1
        }
        return position - start
    }
}

// MARK: Strings

extension JSONParser {
    /// From the opening quote to behind the closing one.
    private mutating func string() throws(JSONError) -> String {
        position += 1
        let start = position
        skipPlain()
        if peek() == UInt8(ascii: "\"") {
            let run = UnsafeBufferPointer(rebasing: bytes[start..<position])
            position += 1
            return try text(run, from: start)
        }
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
        while true {
            switch peek() {
            case UInt8(ascii: "\""):
                position += 1
                return try scratch.withUnsafeBufferPointer { run throws(JSONError) in try text(run, from: start) }
            case UInt8(ascii: "\\"):
                position += 1
                try escape()
            case nil: throw error("a string is not closed")
            default: throw error("a control character must be escaped")
            }
            let next = position
            skipPlain()
            scratch.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[next..<position]))
        }
    }

    private func text(_ run: UnsafeBufferPointer<UInt8>, from start: Int) throws(JSONError) -> String {
        guard strict else { return String(decoding: run, as: UTF8.self) }
        guard let text = String(validating: run, as: UTF8.self) else {
            throw JSONError(offset: start, message: "a string is not valid UTF-8")
        }
        return text
    }

    /// Moves to the next quote, backslash or control character, or to the end: eight bytes at a time.
    private mutating func skipPlain() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let tops: UInt64 = 0x8080_8080_8080_8080
        let raw = UnsafeRawBufferPointer(bytes)
        while position &+ 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // A byte's top bit is set where it was zero (or, for controls, below 0x20) before the subtraction; a
            // borrow can only mark bytes above a true hit, so "any hit" is exact.
            let hits = (quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- (ones &* 0x20)) & ~word
            if hits & tops != 0 { break }
            position &+= 8
        }
        while position < bytes.count {
            let byte = bytes[position]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            position &+= 1
        }
    }

    private mutating func escape() throws(JSONError) {
        guard let byte = peek() else { throw error("a string is not closed") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scratch.append(byte)
        case UInt8(ascii: "b"): scratch.append(0x08)
        case UInt8(ascii: "f"): scratch.append(0x0C)
        case UInt8(ascii: "n"): scratch.append(0x0A)
        case UInt8(ascii: "r"): scratch.append(0x0D)
        case UInt8(ascii: "t"): scratch.append(0x09)
        case UInt8(ascii: "u"): try appendScalar()
        default: throw JSONError(offset: position - 2, message: "an unknown escape")
        }
    }

    /// The scalar of one `\u`, or of two that are a surrogate pair.
    private mutating func appendScalar() throws(JSONError) {
        let start = position - 2
        let first = try codeUnit()
        var scalar = Unicode.Scalar(first)
        if scalar == nil, first < 0xDC00, peek() == UInt8(ascii: "\\"), peek(1) == UInt8(ascii: "u") {
            let before = position
            position += 2
            let second = try codeUnit()
            if 0xDC00...0xDFFF ~= second {
                scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
            } else {
                position = before
            }
        }
        if scalar == nil, strict { throw JSONError(offset: start, message: "a lone surrogate") }
        scratch.append(contentsOf: UTF8.encode(scalar ?? "\u{FFFD}")!)
    }

    private mutating func codeUnit() throws(JSONError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            let digit: UInt8
            switch peek() {
            case let byte? where 0x30...0x39 ~= byte: digit = byte - 0x30
            case let byte? where 0x41...0x46 ~= byte: digit = byte - 0x41 + 10
            case let byte? where 0x61...0x66 ~= byte: digit = byte - 0x61 + 10
            default: throw error("four hexadecimal digits were expected")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}

// MARK: Bytes

extension JSONParser {
    @inline(__always)
    private func peek(_ ahead: Int = 0) -> UInt8? {
        position &+ ahead < bytes.count ? bytes[position &+ ahead] : nil
    }

    @inline(__always)
    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    private func error(_ message: String) -> JSONError { JSONError(offset: position, message: message) }
}
