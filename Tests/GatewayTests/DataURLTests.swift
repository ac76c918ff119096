import Foundation
import Testing

@testable import Gateway

@Suite struct DataURLTests {
    @Test(arguments: [
        ("data:,A%20brief%20note", "A brief note"), ("data:text/plain;charset=utf-8,a+b%2Bc", "a+b+c"),
        ("DATA:text/plain;base64,SGVsbG8=", "Hello"), ("data:;BASE64,SGVsbG8", "Hello"),
        ("data:a/b;base64,SGVsbG8%3D", "Hello"), ("data:a/b;base64;charset=x,SGVsbG8=", "SGVsbG8="),
        ("data:base64,SGVsbG8=", "SGVsbG8="), ("data:text/plain;base64,", ""), ("data:,a,b", "a,b"),
        ("data:,note#part", "note"), ("data:,%e2%82%ac", "€"), ("data:text/plain;base64,Pz8/Pz4+", "????>>"),
    ])
    func `the bytes are those that the address holds`(_ url: String, _ text: String) throws {
        #expect(DataURL.isOne(url))
        #expect(try DataURL.bytes(of: url) == Array(text.utf8))
    }

    @Test(arguments: [
        "data:", "data:text/plain;base64", "data:;base64,SGV%", "data:,%4", "data:,%zz", "data:;base64,SGVsb",
        "data:;base64,SGVs*G8=", "data:;base64,SGVsbG8===", "data:;base64,SG=VsbG8", "data:;base64,_-_-",
    ])
    func `what can't be read is refused`(_ url: String) {
        #expect(throws: DataURL.Malformed.self) { try DataURL.bytes(of: url) }
    }

    @Test(arguments: ["https://x/data:,a", "/uploads/whatsapp/data:,a", "dat:,a", "", "data"])
    func `other addresses are none`(_ url: String) { #expect(!DataURL.isOne(url)) }
}
