import JSON
import Testing

@Suite struct FieldReaderTests {
    private func reader(_ value: JSON, path: String = "", _ allowed: String...) throws(FieldError) -> FieldReader {
        try FieldReader(value, path: path, allowed: allowed.isEmpty ? ["a", "b"] : allowed)
    }

    private func problem(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as FieldError {
            return error.message
        } catch {
            return "\(error)"
        }
    }

    @Test func `only an object is read`() {
        #expect(problem { _ = try reader([1]) } == "the body must be an object")
        #expect(problem { _ = try reader("x", path: "text") } == "`text` must be an object")
    }

    @Test func `an unknown field is named, and what is allowed too`() {
        #expect(
            problem { _ = try reader(["a": 1, "c": .null], path: "text") }
                == "`text.c` is not a field here; allowed are a, b")
    }

    @Test func `an unknown field's name is cut and stripped of control characters`() throws {
        let key = "\u{0}\n" + String(repeating: "x", count: 10_000)
        let message = try #require(problem { _ = try reader(.object([key: 1])) })
        #expect(message.hasPrefix("`\u{FFFD}\u{FFFD}xxx") && message.count < 150)
    }

    @Test func `absent and null both read as nil, and required ones are missed`() throws {
        let reader = try reader(["a": .null], path: "x")
        for key in ["a", "b"] {
            #expect(!reader.has(key))
            #expect(try reader.string(key) == nil)
            #expect(try reader.choice(key, of: ["c"]) == nil)
            #expect(try reader.bool(key) == nil)
            #expect(try reader.integer(key, 0...1) == nil)
            #expect(try reader.number(key, 0...1) == nil)
            #expect(try reader.object(key) == nil)
            #expect(try reader.array(key) == nil)
            #expect(try reader.reader(key, allowed: []) == nil)
            #expect(try reader.readers(key, count: 1...2, allowed: []) == nil)
            let missed = "`x.\(key)` is required"
            #expect(problem { _ = try reader.requiredString(key) } == missed)
            #expect(problem { _ = try reader.requiredChoice(key, of: ["c"]) } == missed)
            #expect(problem { _ = try reader.requiredInteger(key) } == missed)
            #expect(problem { _ = try reader.requiredNumber(key, 0...1) } == missed)
            #expect(problem { _ = try reader.requiredObject(key) } == missed)
            #expect(problem { _ = try reader.requiredArray(key) } == missed)
            #expect(problem { _ = try reader.requiredReader(key, allowed: []) } == missed)
            #expect(problem { _ = try reader.requiredReaders(key, count: 1...2, allowed: []) } == missed)
        }
    }

    @Test func `strings are bounded in scalars`() throws {
        let reader = try reader(["a": "e\u{301}😀", "b": ""])
        #expect(try reader.requiredString("a", 3...3) == "e\u{301}😀")
        #expect(try reader.string("b") == "")
        #expect(problem { _ = try reader.string("a", 1...2) } == "`a` must be a string of 1 to 2 characters")
        #expect(problem { _ = try reader.string("a", 0...2) } == "`a` must be a string of at most 2 characters")
        #expect(problem { _ = try reader.string("a", 4...4) } == "`a` must be a string of exactly 4 characters")
        #expect(problem { _ = try reader.requiredString("b") } == "`b` must be a string of 1 to 1000000 characters")
    }

    @Test func `other kinds than the asked one are refused`() throws {
        let reader = try reader(["a": 1, "b": "1"])
        #expect(problem { _ = try reader.string("a", 1...9) } == "`a` must be a string of 1 to 9 characters")
        #expect(problem { _ = try reader.bool("a") } == "`a` must be true or false")
        #expect(problem { _ = try reader.object("a") } == "`a` must be an object")
        #expect(problem { _ = try reader.reader("a", allowed: []) } == "`a` must be an object")
        #expect(problem { _ = try reader.array("a", count: 0...3) } == "`a` must be an array of at most 3 items")
        #expect(problem { _ = try reader.integer("b", 0...9) } == "`b` must be a whole number from 0 to 9")
        #expect(problem { _ = try reader.number("b", 0...9) } == "`b` must be a number from 0.0 to 9.0")
    }

    @Test func `choices are told`() throws {
        let reader = try reader(["a": "x", "b": "y"])
        #expect(try reader.choice("a", of: ["x", "z"]) == "x")
        #expect(problem { _ = try reader.choice("b", of: ["x", "z"]) } == "`b` must be one of x, z")
        #expect(problem { _ = try reader.requiredChoice("b", of: ["x"]) } == "`b` must be x")
    }

    @Test func `whole numbers keep their range and may be written as decimals`() throws {
        let reader = try reader(["a": 10.0, "b": 10.5])
        #expect(try reader.integer("a", 1...10) == 10)
        #expect(problem { _ = try reader.integer("a", 1...9) } == "`a` must be a whole number from 1 to 9")
        #expect(problem { _ = try reader.integer("b", 1...99) } == "`b` must be a whole number from 1 to 99")
    }

    @Test func `numbers as text are read only where that is allowed`() throws {
        let reader = try reader(["a": "-12.5", "b": 3])
        #expect(try reader.number("a", -90...90, allowText: true) == -12.5)
        #expect(try reader.requiredNumber("b", -90...90, allowText: true) == 3)
        #expect(problem { _ = try reader.number("a", -90...90) } == "`a` must be a number from -90.0 to 90.0")
        #expect(problem { _ = try reader.number("a", 0...90, allowText: true) } != nil)
    }

    @Test(arguments: ["", " 1", "1 ", "inf", "nan", "0x1", "1e999", "[1]", "\u{FEFF}1", "\"1\"", "1\n", "true"])
    func `text that is no number is refused`(text: String) throws {
        let reader = try reader(["a": .string(text)])
        #expect(problem { _ = try reader.number("a", -1e300...1e300, allowText: true) } != nil)
    }

    @Test func `NUL characters are refused wherever they stand`() throws {
        let message = "`a` must not contain NUL characters"
        #expect(problem { _ = try reader(["a": "x\u{0}"]).string("a") } == message)
        #expect(problem { _ = try reader(["a": ["k": [["\u{0}"]]]]).object("a") } == message)
        #expect(problem { _ = try reader(["a": ["\u{0}": 1]]).object("a") } == message)
        #expect(problem { _ = try reader(["a": [["k": "\u{0}"]]]).array("a") } == message)
        #expect(
            problem { _ = try reader(["a": [["k": "\u{0}"]]]).readers("a", count: 0...1, allowed: ["k"]) } == message)
        #expect(try reader(["a": ["k": ["v"]]]).object("a") == ["k": ["v"]])
    }

    @Test func `nested readers carry the path`() throws {
        let body: JSON = ["template": ["components": [["type": "body"], ["type": 1]]]]
        let template = try reader(body, "template").requiredReader("template", allowed: ["components"])
        #expect(template.path == "template" && template.fieldPath("name") == "template.name")
        let components = try template.requiredReaders("components", count: 1...2, allowed: ["type"])
        #expect(try components[0].requiredString("type") == "body")
        #expect(throws: FieldError(field: "template.components[1].type", problem: "must be one of body, header")) {
            try components[1].choice("type", of: ["body", "header"])
        }
        #expect(components[1].error("x", "is odd") == FieldError(field: "template.components[1].x", problem: "is odd"))
    }

    @Test func `an array's items are counted and judged one by one`() throws {
        let reader = try reader(["a": [["k": 1], 2], "b": []])
        #expect(problem { _ = try reader.readers("a", count: 1...5, allowed: ["k"]) } == "`a[1]` must be an object")
        #expect(
            problem { _ = try reader.readers("a", count: 1...5, allowed: ["j"]) }
                == "`a[0].k` is not a field here; allowed are j")
        #expect(problem { _ = try reader.array("b", count: 1...3) } == "`b` must be an array of 1 to 3 items")
        #expect(try reader.requiredArray("a", count: 2...2).count == 2)
    }
}
