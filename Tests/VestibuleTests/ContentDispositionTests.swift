import Testing

@testable import Vestibule

@Suite struct ContentDispositionTests {
    @Test func `a plain name stands in quotes`() {
        #expect(ContentDisposition.value(inline: false, fileName: "a b.pdf") == #"attachment; filename="a b.pdf""#)
        #expect(ContentDisposition.value(inline: true, fileName: nil) == "inline")
        #expect(ContentDisposition.value(inline: true, fileName: "") == "inline")
    }

    @Test func `a name beyond ASCII stands beside its ASCII form`() {
        #expect(
            ContentDisposition.value(inline: false, fileName: "Größe €.pdf")
                == "attachment; filename=\"Gr__e _.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%E2%82%AC.pdf")
    }

    @Test(arguments: ["a\r\nSet-Cookie: x=1", "a\"; filename=\"b.exe", "a\\b", "a%22b", "a\u{7F}\u{0}b"])
    func `nothing in a name ends the header or the quotes`(name: String) {
        let header = ContentDisposition.value(inline: false, fileName: name)
        #expect(header.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        let quoted = header.split(separator: "\"", omittingEmptySubsequences: false)
        #expect(quoted.count == 3)
        #expect(!quoted[1].contains("\\") && !quoted[1].contains("%"))
    }
}
