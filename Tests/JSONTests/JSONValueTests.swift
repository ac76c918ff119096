import JSON
import Testing

@Suite struct JSONValueTests {
    @Test func `accessors answer only for their kind`() {
        let value: JSON = ["s": "x", "i": 7, "n": 2.5, "b": true, "a": [1, .null], "o": ["k": "v"], "z": .null]
        #expect(value["s"]?.string == "x" && value["s"]?.int == nil && value["s"]?["k"] == nil && value["s"]?[0] == nil)
        #expect(value["i"]?.int == 7 && value["i"]?.double == 7 && value["i"]?.string == nil)
        #expect(value["n"]?.double == 2.5 && value["n"]?.int == nil)
        #expect(value["b"]?.bool == true && value["b"]?.int == nil)
        #expect(
            value["a"]?[0] == 1 && value["a"]?[1]?.isNull == true && value["a"]?[2] == nil && value["a"]?[-1] == nil)
        #expect(value["o"]?["k"]?.string == "v" && value["o"]?.object?.count == 1)
        #expect(value["z"] == .null && value["none"] == nil)
    }

    @Test func `a number is an integer only when it is exactly one`() {
        #expect(JSON.number(1e3).int == 1000)
        #expect(JSON.number(0.5).int == nil)
        #expect(JSON.number(1e300).int == nil)
    }

    @Test func `printing is compact and keeps the order of keys`() {
        let value: JSON = ["z": [1, -2.5, true, false, .null], "a": ["k": ""], "e": [:], "l": []]
        #expect(value.text == #"{"z":[1,-2.5,true,false,null],"a":{"k":""},"e":{},"l":[]}"#)
    }

    @Test func `control characters and line separators are escaped, the rest is UTF-8`() {
        let value: JSON = "a\"\\/\u{0}\u{1F}\u{7F}\n\r\t\u{8}\u{C}é€😀\u{2027}\u{2028}\u{2029}\u{202A}"
        #expect(
            value.text
                == "\"a\\\"\\\\/\\u0000\\u001f\u{7F}\\n\\r\\t\\b\\fé€😀\u{2027}\\u2028\\u2029\u{202A}\"")
    }

    @Test func `every scalar survives printing and parsing`() throws {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: (0..<0x11_0000).lazy.compactMap { Unicode.Scalar($0 as UInt32) })
        let value = JSON.object(["all": .string(String(scalars))])
        let again = try JSON(parsing: value.encoded())
        #expect(again["all"]?.string?.unicodeScalars.elementsEqual(scalars) == true)
    }

    @Test(arguments: [0.1, 1e21, -1e-7, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 100_000_000, -0.0])
    func `numbers survive printing and parsing`(number: Double) throws {
        #expect(try JSON(parsing: JSON.number(number).text.utf8) == .number(number))
    }

    @Test func `integers survive printing and parsing`() throws {
        for integer: Int64 in [.min, .max, 0, -1] {
            #expect(try JSON(parsing: JSON.integer(integer).text.utf8) == .integer(integer))
        }
    }

    @Test func `what JSON can't express prints as null`() {
        #expect(JSON.array([.number(.infinity), .number(.nan)]).text == "[null,null]")
    }
}

@Suite struct JSONObjectTests {
    /// Below and above the size from which an index is kept.
    @Test(arguments: [3, 16, 17, 40]) func `members are found, replaced and removed`(count: Int) {
        var object = JSONObject((0..<count).map { ("k\($0)", .integer(Int64($0))) })
        object["k1"] = "new"
        object["k0"] = nil
        object["absent"] = nil
        object["last"] = .null
        #expect(object.count == count)
        #expect(object.keys == (1..<count).map { "k\($0)" } + ["last"])
        #expect(object["k0"] == nil && object["k1"] == "new" && object["last"] == .null)
        #expect(object["k\(count - 1)"] == .integer(Int64(count - 1)))
        #expect(object.map(\.key) == object.keys && object.map(\.value) == object.values)
    }

    @Test func `removing across the index's border keeps look-ups right`() {
        var object = JSONObject((0..<20).map { ("k\($0)", .integer(Int64($0))) })
        for removed in 0..<20 {
            object["k\(removed)"] = nil
            for key in 0..<20 {
                #expect(object["k\(key)"] == (key > removed ? .integer(Int64(key)) : nil))
            }
        }
        #expect(object.isEmpty)
    }

    @Test func `order takes no part in equality`() {
        let left: JSONObject = ["a": 1, "b": ["c": 2, "d": 3]]
        let right: JSONObject = ["b": ["d": 3, "c": 2], "a": 1]
        #expect(left == right && left.hashValue == right.hashValue)
        #expect(left != ["a": 1] && left != ["a": 1, "b": 2] && left != ["a": 1, "x": ["c": 2, "d": 3]])
    }

    @Test func `a hostile object of many keys takes linear time`() throws {
        func duration(_ count: Int) throws -> Duration {
            let text = "{" + (0..<count).map { "\"a key of some length \($0)\":0" }.joined(separator: ",") + "}"
            // The best of several: other work on the machine only ever adds.
            var best = Duration.seconds(3600)
            for _ in 0..<5 {
                let start = ContinuousClock.now
                #expect(try JSON(parsing: text.utf8).object?.count == count)
                best = min(best, start.duration(to: .now))
            }
            return best
        }
        // Quadratic look-ups would make 64 times the keys 4096 times as slow.
        let (small, large) = (try duration(1000), try duration(64000))
        #expect(large < small * 1500)
    }
}
