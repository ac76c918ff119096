import JSON
import Testing

private func parsed(_ text: String, _ mode: JSONMode = .strict) throws(JSONError) -> JSON {
    try JSON(parsing: text.utf8, mode: mode)
}

@Suite struct JSONParserTests {
    @Test func `every kind of value is read`() throws {
        let value = try parsed(#" {"a" : [1, -2.5, true ,false, null , "x", {}, []], "b": {"c": ""} } "#)
        #expect(value == ["a": [1, -2.5, true, false, .null, "x", [:], []], "b": ["c": ""]])
    }

    @Test(arguments: [
        "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{a:1}",
        "{1:1}",
        "[1 2]", "{\"a\" 1}", "\"", "\"a", "\"\\", "\"\\u12", "\"\\x\"", "\"\\u12g4\"", "\"\n\"", "\"\u{0}\"", "nul",
        "nulll", "True", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "NaN", "Infinity", "1 2", "[]]",
        "'a'",
        "/**/1", "\u{A0}1",
    ])
    func `what is no JSON is refused in both modes`(text: String) {
        #expect(throws: JSONError.self) { try parsed(text) }
        #expect(throws: JSONError.self) { try parsed(text, .lenient) }
    }

    @Test func `an error tells the byte`() {
        #expect(throws: JSONError(offset: 6, message: "a value was expected")) { try parsed("[\"é\",]") }
        #expect(throws: JSONError(offset: 2, message: "text after the value")) { try parsed("1 2") }
    }

    @Test func `a byte order mark is skipped once and only in front`() throws {
        #expect(try parsed("\u{FEFF}[1]") == [1])
        #expect(throws: JSONError.self) { try parsed("\u{FEFF}\u{FEFF}1") }
        #expect(throws: JSONError.self) { try parsed("[\u{FEFF}1]") }
    }

    @Test func `escapes become the characters they stand for`() throws {
        #expect(try parsed(#""\"\\\/\b\f\n\r\t\u00e9\u20AC\uD83D\ude00\u0000""#) == "\"\\/\u{8}\u{C}\n\r\té€😀\u{0}")
        #expect(try parsed(#""plain text before é \n and after ü""#) == "plain text before é \n and after ü")
    }

    @Test func `a quote or control character is found at any place of a long string`() throws {
        for length in 0..<40 {
            let plain = String(repeating: "é~", count: length) + String(repeating: "z", count: length % 8)
            #expect(try parsed("[\"\(plain)\"]") == .array([.string(plain)]))
            #expect(try parsed("[\"\(plain)\\n\(plain)\"]") == .array([.string(plain + "\n" + plain)]))
            #expect(throws: JSONError.self) { try parsed("[\"\(plain)\u{1F}\(plain)\"]") }
        }
    }

    @Test func `each character between space and the last one passes the fast scan`() throws {
        for scalar in (0x20...0x7F).map({ Unicode.Scalar($0)! }) where scalar != "\"" && scalar != "\\" {
            let text = String(repeating: Character(scalar), count: 17)
            #expect(try parsed("\"\(text)\"") == .string(text))
        }
    }

    @Test(
        arguments: [
            ("0", .integer(0)), ("-1", .integer(-1)), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.0", .number(1)), ("1e3", .number(1000)), ("1E-2", .number(0.01)), ("-0.5e+1", .number(-5)),
        ] as [(String, JSON)])
    func `numbers keep their kind`(text: String, value: JSON) throws {
        #expect(try parsed(text) == value)
    }

    @Test func `a number out of range is an error, and its digits when lenient`() throws {
        #expect(throws: JSONError.self) { try parsed("[1e400]") }
        #expect(try parsed("[1e400,-1e400]", .lenient) == ["1e400", "-1e400"])
        #expect(try parsed("123456789012345678901", .lenient) == "123456789012345678901")
        #expect(try parsed("-9223372036854775809", .lenient) == "-9223372036854775809")
    }

    @Test(arguments: [#""\ud800""#, #""\ude00""#, #""\ud83dx""#, #""\ud83d\n""#, #""\ude00\ud83d""#])
    func `a lone surrogate is an error, and U+FFFD when lenient`(text: String) throws {
        #expect(throws: JSONError.self) { try parsed(text) }
        #expect(try parsed(text, .lenient).string?.unicodeScalars.contains("\u{FFFD}") == true)
    }

    @Test func `what follows a lone surrogate is kept`() throws {
        #expect(try parsed(#""a\ud83d\u0041b""#, .lenient) == "a\u{FFFD}Ab")
        #expect(try parsed(#""\ud83d\ud83d\ude00""#, .lenient) == "\u{FFFD}😀")
    }

    @Test func `bad UTF-8 is an error, and U+FFFD when lenient`() throws {
        for bad: [UInt8] in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80]] {
            let text = [0x22, 0x61] + bad + [0x62, 0x22] as [UInt8]
            #expect(throws: JSONError.self) { try JSON(parsing: text) }
            let escaped = [0x22, 0x5C, 0x6E] + bad + [0x22] as [UInt8]
            #expect(throws: JSONError.self) { try JSON(parsing: escaped) }
            let string = try #require(try JSON(parsing: text, mode: .lenient).string)
            #expect(string.hasPrefix("a\u{FFFD}") && string.hasSuffix("\u{FFFD}b"))
        }
    }

    @Test func `of duplicate keys the last one wins when lenient, and strict refuses`() throws {
        #expect(throws: JSONError(offset: 7, message: "a key of the object comes twice")) {
            try parsed(#"{"a":1,"\u0061":2}"#)
        }
        let value = try parsed(#"{"a":1,"b":2,"a":3}"#, .lenient)
        #expect(value.object?.keys == ["a", "b"])
        #expect(value["a"] == 3)
    }

    @Test func `depth is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parsed(nested(128))
        #expect(throws: JSONError.self) { try parsed(nested(129)) }
        #expect(throws: JSONError.self) { try parsed(String(repeating: "{\"a\":", count: 100_000), .lenient) }
        #expect(throws: JSONError.self) { try JSON(parsing: "[[1]]".utf8, maxDepth: 1) }
        // Depth counts what is open, not what has been closed.
        _ = try JSON(parsing: "[[],[],[{}]]".utf8, maxDepth: 3)
    }

    @Test func `bytes that aren't contiguous are parsed too`() throws {
        let text = Array(#"{"a":[1]}"#.utf8)
        #expect(try JSON(parsing: text.reversed().lazy.map { $0 }.reversed()) == ["a": [1]])
        #expect(try JSON(parsing: text[5...7]) == [1])
    }

    @Test func `any cut of a text is refused without harm`() throws {
        let text = Array(#"{"a":[1.5e3,"\ud83d\ude00é",{"b":null}],"c":true}"#.utf8)
        for end in text.indices {
            #expect(throws: JSONError.self) { try JSON(parsing: text[..<end]) }
        }
    }

    @Test func `any changed byte is read or refused, and what is read prints as JSON again`() throws {
        let text = Array(#"{"a":[-1.5e3,"\ud83d\ude00é",{"b":null}],"c":true}"#.utf8)
        for place in text.indices {
            for byte in UInt8.min ... .max {
                var changed = text
                changed[place] = byte
                guard let value = try? JSON(parsing: changed, mode: .lenient) else { continue }
                #expect(try JSON(parsing: value.encoded()) == value)
            }
        }
    }
}
