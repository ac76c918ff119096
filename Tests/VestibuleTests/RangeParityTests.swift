import Fetch
import Testing

/// Ranges are answered as nginx answers them for the same file: status, headers and every byte.
@Suite(.timeLimit(.minutes(5)), .enabled(if: Nginx.isInstalled || Storage.isCI))
struct RangeParityTests {
    /// More than the cache keeps, so that parts come from disk; and one that comes from memory.
    private static let sizes = [700_000, 100_000]

    private static func ranges(_ size: Int) -> [String] {
        [
            "bytes=0-0", "bytes=0-9", "bytes=10-19", "bytes=0-", "bytes=5-", "bytes=\(size - 1)-", "bytes=\(size)-",
            "bytes=\(size + 5)-", "bytes=-1", "bytes=-500", "bytes=-\(size)", "bytes=-\(size + 1)", "bytes=-0",
            "bytes=0-\(size - 1)", "bytes=0-\(size)", "bytes=1-\(size * 2)", "bytes=9-3", "bytes=0-1,3-4",
            "bytes=0-99,200-299,400-499", "bytes=400-499,0-99", "bytes=0-9,5-14", "bytes=0-0,-1", "bytes=-1,-2,-3",
            "bytes=0-,0-", "bytes=0-\(size - 10),5-\(size - 5)", "bytes=\(size)-,0-4", "bytes=\(size)-,\(size + 1)-",
            "bytes=9-3,0-4", "bytes=0-1 , 3-4", "bytes= 5 - 6", "bytes=1 -2", "bytes=- 5", "bytes=0-1,", "bytes=,0-1",
            "bytes=a-b", "bytes=", "bytes=-", "bytes=1", "bytes=+1-2", "bytes=1--2", "bytes=0-1;3-4", "Bytes=0-1",
            "bits=0-1", "0-1", "bytes 0-1", "bytes=99999999999999999999-", "bytes=0-99999999999999999999",
            "bytes=9223372036854775807-", "bytes=0-9223372036854775806",
            "bytes=" + (0..<30).map { "\($0 * 1000)-\($0 * 1000 + 500)" }.joined(separator: ","),
            "bytes=" + (0..<40).map { "\($0 * 10)-\($0 * 10 + 5)" }.joined(separator: ","),
        ]
    }

    private struct Answer: Equatable {
        let status: Int
        var type: String?
        var range: String?
        var length: String?
        var body: [UInt8]

        init(_ response: FetchResponse) {
            status = response.status
            range = response.headers.first("Content-Range")
            body = []
            // The words of an error are each server's own.
            guard status < 400 else { return }
            type = response.headers.first("Content-Type")
            length = response.headers.first("Content-Length")
            body = response.body
            // So is the boundary, whose length is not.
            guard let boundary = type?.split(separator: "boundary=").last, boundary.count == 20 else { return }
            let same = String(repeating: "b", count: 20)
            type = type?.replacing(boundary, with: same)
            body = Self.replacing(Array(boundary.utf8), with: Array(same.utf8), in: body)
        }

        private static func replacing(_ old: [UInt8], with new: [UInt8], in bytes: [UInt8]) -> [UInt8] {
            var replaced: [UInt8] = []
            var rest = bytes[...]
            while let found = rest.firstRange(of: old) {
                replaced += rest[..<found.lowerBound] + new
                rest = rest[found.upperBound...]
            }
            return replaced + rest
        }
    }

    @Test(arguments: sizes)
    func `every range is answered byte for byte as nginx answers it`(size: Int) async throws {
        try await Site.run { site in
            let sample = try await StoredSample.put(Pattern.bytes(size), in: site)
            let files = "root \(site.folder.path); max_ranges 32; types { application/pdf pdf; }"
            try await Nginx.run(files, fetch: site.fetch) { nginx in
                for range in Self.ranges(size) {
                    let ours = Answer(try await site.get(sample.path, headers: [("Range", range)]))
                    let theirs = Answer(try await Self.get(nginx, sample.path, [("Range", range)], site))
                    #expect(ours.status == theirs.status && ours.range == theirs.range, "\(range)")
                    #expect(ours.type == theirs.type && ours.length == theirs.length, "\(range)")
                    #expect(ours.body == theirs.body, "the bytes of \(range) differ")
                }
            }
        }
    }

    @Test func `a range of another version is answered as nginx answers it`() async throws {
        try await Site.run { site in
            let sample = try await StoredSample.put(Pattern.bytes(1000), in: site)
            try await Nginx.run("root \(site.folder.path); types { application/pdf pdf; }", fetch: site.fetch) {
                nginx in
                let ours = try await site.get(sample.path).headers
                let theirs = try await Self.get(nginx, sample.path, [], site).headers
                let names = [("ETag", "\"another\""), ("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")]
                for (name, another) in names {
                    let (our, their) = (try #require(ours.first(name)), try #require(theirs.first(name)))
                    for (mine, other) in [(our, their), ("W/" + our, "W/" + their), (another, another)] {
                        let range = ("Range", "bytes=1-2")
                        let here = Answer(try await site.get(sample.path, headers: [range, ("If-Range", mine)]))
                        let there = Answer(try await Self.get(nginx, sample.path, [range, ("If-Range", other)], site))
                        #expect(here == there, "\(mine)")
                    }
                }
            }
        }
    }

    private static func get(
        _ nginx: Nginx, _ path: String, _ headers: [(String, String)], _ site: Site
    ) async throws -> FetchResponse {
        var request = FetchRequest(url: nginx.base + path, headers: headers)
        request.maxResponseBytes = 32 << 20
        return try await site.fetch.send(request)
    }
}
