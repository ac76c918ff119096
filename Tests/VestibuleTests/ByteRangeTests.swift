import Testing

@testable import Vestibule

@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-9", Int64(0)..<10), ("bytes=90-", 90..<100), ("bytes=-10", 90..<100), ("bytes=-1000", 0..<100),
        ("bytes=0-1000", 0..<100), ("bytes=99-99", 99..<100), ("BYTES=0-0", 0..<1), ("bytes= 5 - 6 ", 5..<7),
        ("bytes=0-99999999999999999999999999", 0..<100),
    ])
    func `a range of a file of 100 bytes`(header: String, range: Range<Int64>) {
        #expect(ByteRange(header, size: 100) == .part(range))
    }

    @Test(arguments: ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=99999999999999999999999999-"])
    func `a range behind the end can't be satisfied`(header: String) {
        #expect(ByteRange(header, size: 100) == .unsatisfiable)
    }

    @Test(arguments: [
        nil, "", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=9-3", "lines=0-1", "bytes=0-1,3-4", "bytes=+1-2",
        "bytes=1--2",
    ])
    func `what is no single range is answered with the whole file`(header: String?) {
        #expect(ByteRange(header, size: 100) == .whole)
    }

    @Test func `an empty file has no part`() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-1", size: 0) == .unsatisfiable)
    }
}
