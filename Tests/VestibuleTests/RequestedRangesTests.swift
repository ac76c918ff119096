import Testing

@testable import Vestibule

/// The bytes themselves are compared with nginx's in `RangeParityTests`.
@Suite struct RequestedRangesTests {
    @Test(arguments: [
        ("bytes=0-9", Int64(0)..<10), ("bytes=90-", 90..<100), ("bytes=-10", 90..<100), ("bytes=-1000", 0..<100),
        ("bytes=0-1000", 0..<100), ("bytes=99-99", 99..<100), ("BYTES=0-0", 0..<1), ("bytes= 5 - 6 ", 5..<7),
        ("bytes=200-,0-0", 0..<1),
    ])
    func `a range of a file of 100 bytes`(header: String, range: Range<Int64>) {
        #expect(RequestedRanges(header, size: 100) == .parts([range]))
    }

    @Test func `several ranges keep their order`() {
        #expect(RequestedRanges("bytes=50-59, -1,0-4", size: 100) == .parts([50..<60, 99..<100, 0..<5]))
        #expect(RequestedRanges("bytes=0-9,5-14", size: 100) == .parts([0..<10, 5..<15]), "also where they overlap")
    }

    @Test(arguments: [
        "bytes=100-", "bytes=100-200", "bytes=-0", "bytes=9-3", "bytes=100-,200-", "bytes=-", "bytes=a-b", "bytes=+1-2",
        "bytes=1--2", "bytes=0-1,", "bytes=,0-1", "bytes=0-1;2-3", "bytes=0x0-1", "bytes=1",
        "bytes=99999999999999999999999999-",
    ])
    func `what is no range, or lies behind the end, can't be satisfied`(header: String) {
        #expect(RequestedRanges(header, size: 100) == .unsatisfiable)
    }

    @Test(arguments: [nil, "", "bytes", "bytes=", "lines=0-1", "bytes 0-1"])
    func `what is no header of byte ranges asks for the whole file`(header: String?) {
        #expect(RequestedRanges(header, size: 100) == .whole)
    }

    @Test func `ranges that ask for more than there is, or for too many parts, get the whole file`() {
        #expect(RequestedRanges("bytes=0-,0-", size: 100) == .whole)
        #expect(RequestedRanges("bytes=0-59,40-99", size: 100) == .whole)
        let many = { count in "bytes=" + (0..<count).map { "\($0)-\($0)" }.joined(separator: ",") }
        #expect(RequestedRanges(many(32), size: 100) == .parts((0..<32).map { Int64($0)..<Int64($0 + 1) }))
        #expect(RequestedRanges(many(33), size: 100) == .whole)
    }
}
