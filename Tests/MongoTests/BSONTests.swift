import JSON
import Testing

@testable import Mongo

@Suite struct BSONTests {
    private func read(_ bytes: [UInt8]) throws(MongoError) -> BSONDocument {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(MongoError) in try BSONReader.document(in: buffer) }
        }
        return try result.get()
    }

    private let everything: BSONDocument = [
        "null": .null, "bool": true, "integer": .integer(.min), "double": -2.5, "string": "é\u{0}😀",
        "date": .date(milliseconds: -1), "array": [1, ["k": "v"], []], "document": ["b": 1, "a": [:]],
        "": "an empty key", "oid": .other(type: 7, bytes: Array(1...12)),
    ]

    @Test func `a document has the bytes that the specification gives`() throws {
        let bytes = Array("\u{16}\0\0\0\u{2}hello\0\u{6}\0\0\0world\0\0".utf8)
        #expect(try BSONWriter.bytes(of: ["hello": "world"]) == bytes)
        #expect(try read(bytes) == ["hello": "world"])
        #expect(try BSONWriter.bytes(of: ["a": 1]) == [16, 0, 0, 0, 0x12, 0x61, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(try BSONWriter.bytes(of: [:]) == [5, 0, 0, 0, 0])
    }

    @Test func `every kind of value survives`() throws {
        let again = try read(try BSONWriter.bytes(of: everything))
        #expect(again == everything)
        #expect(again.keys == everything.keys)
    }

    @Test func `a 32-bit integer reads as an integer`() throws {
        #expect(try read([12, 0, 0, 0, 0x10, 0x61, 0, 0xFE, 0xFF, 0xFF, 0xFF, 0]) == ["a": -2])
    }

    @Test(
        arguments: [
            (0x05, [2, 0, 0, 0, 0x80, 1, 2]), (0x06, []), (0x07, Array(0..<12)), (0x0B, [0x61, 0, 0x69, 0]),
            (0x0C, [2, 0, 0, 0, 0x61, 0] + Array(0..<12)), (0x0D, [2, 0, 0, 0, 0x61, 0]), (0x0E, [1, 0, 0, 0, 0]),
            (0x0F, [14, 0, 0, 0, 1, 0, 0, 0, 0, 5, 0, 0, 0, 0]), (0x11, Array(0..<8)), (0x13, Array(0..<16)),
            (0x7F, []),
            (0xFF, []),
        ] as [(UInt8, [UInt8])])
    func `kinds without a case of their own keep their bytes`(type: UInt8, bytes: [UInt8]) throws {
        let document: BSONDocument = ["before": 1, "it": .other(type: type, bytes: bytes), "after": "x"]
        #expect(try read(try BSONWriter.bytes(of: document)) == document)
    }

    @Test func `cut or changed bytes are refused or read, never trusted`() throws {
        let bytes = try BSONWriter.bytes(of: everything)
        for end in bytes.indices {
            #expect(throws: MongoError.self) { try read(Array(bytes[..<end])) }
        }
        #expect(throws: MongoError.self) { try read(bytes + [0]) }
        for place in bytes.indices {
            for byte in [0, 1, 2, 3, 4, 5, 0x0B, 0x0F, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = bytes
                changed[place] = byte
                guard let document = try? read(changed) else { continue }
                #expect(throws: Never.self) { try BSONWriter.bytes(of: document) }
            }
        }
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> BSONDocument {
            (1..<depth).reduce([:]) { inner, _ in ["d": .document(inner)] }
        }
        #expect(try read(try BSONWriter.bytes(of: nested(100))) == nested(100))
        #expect(throws: MongoError(.invalidDocument, "nested deeper than 100")) {
            try BSONWriter.bytes(of: nested(101))
        }
    }

    @Test func `a key with a NUL character is refused`() {
        #expect(throws: MongoError.self) { try BSONWriter.bytes(of: ["a": ["b\u{0}c": 1]]) }
    }

    @Test func `JSON becomes BSON in its order`() throws {
        let json = try JSON(parsing: #"{"z":1,"a":[2.5,"x",null,true,{}]}"#.utf8)
        let document = BSONDocument(try #require(json.object))
        #expect(document == ["z": 1, "a": [2.5, "x", .null, true, [:]]])
        #expect(document.keys == ["z", "a"])
    }

    @Test func `fields are set, replaced and removed in place`() {
        var document: BSONDocument = ["a": 1, "b": 2, "c": 3]
        document["b"] = "new"
        document["a"] = nil
        document["none"] = nil
        document["d"] = .null
        #expect(document == ["b": "new", "c": 3, "d": .null] && document.count == 3 && !document.isEmpty)
        #expect(document != ["c": 3, "b": "new", "d": .null])
        #expect(document["a"] == nil && document["d"] == .null)
    }
}
