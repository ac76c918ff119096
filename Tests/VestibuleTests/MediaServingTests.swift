import Fetch
import Foundation
import Testing

/// How stored files are handed out, beside ranges (`RangeParityTests`).
@Suite(.timeLimit(.minutes(5)))
struct MediaServingTests {
    private static let small = 1000
    /// Sent from disk, in several slices.
    private static let large = 6_000_000

    @Test(arguments: Storage.engines)
    func `conditions on the version decide between the file, 304 and 412`(_ storage: Storage) async throws {
        try await Site.run(storage) { site in
            let sample = try await StoredSample.put(Pattern.bytes(Self.small), in: site)
            let (stored, before, after) = (
                "Fri, 15 Dec 2023 16:00:00 GMT", "Fri, 15 Dec 2023 15:59:59 GMT", "Fri, 15 Dec 2023 16:00:01 GMT"
            )
            let etag = sample.etag
            let table: [([(String, String)], Int)] = [
                ([("If-None-Match", etag)], 304), ([("If-None-Match", "W/" + etag)], 304),
                ([("If-None-Match", "\"a\", " + etag)], 304), ([("If-None-Match", "*")], 304),
                ([("If-None-Match", "\"a\"")], 200), ([("If-None-Match", etag.replacing("\"", with: ""))], 200),
                ([("If-Modified-Since", stored)], 304), ([("If-Modified-Since", after)], 304),
                ([("If-Modified-Since", before)], 200), ([("If-Modified-Since", "yesterday")], 200),
                ([("If-None-Match", "\"a\""), ("If-Modified-Since", after)], 200),
                ([("If-Match", etag)], 200), ([("If-Match", "*")], 200), ([("If-Match", "\"a\"," + etag)], 200),
                ([("If-Match", "\"a\"")], 412), ([("If-Match", "W/" + etag)], 412),
                ([("If-Unmodified-Since", stored)], 200), ([("If-Unmodified-Since", before)], 412),
                ([("If-Match", etag), ("If-Unmodified-Since", before)], 200),
                ([("If-Match", etag), ("If-None-Match", etag)], 304),
            ]
            for (headers, status) in table {
                let answer = try await site.get(sample.path, headers: headers)
                #expect(answer.status == status, "\(headers)")
                if status == 200 { #expect(answer.body == sample.bytes) }
                if status == 304 { #expect(answer.body.isEmpty && answer.headers.first("ETag") == etag) }
                if status == 412 { #expect(answer.errorCode == "PRECONDITION_FAILED") }
            }
            #expect(try await site.get(sample.path).headers.first("Last-Modified") == stored)
        }
    }

    @Test func `HEAD tells what GET would send, and knows no ranges`() async throws {
        try await Site.run { site in
            for (size, name) in [(Self.small, "a.pdf"), (Self.large, "b.pdf")] {
                let sample = try await StoredSample.put(
                    Pattern.bytes(size), in: site, name: name, originalName: "ü.pdf")
                let get = try await site.get(sample.path)
                let head = try await site.call("HEAD", sample.path, headers: [("Range", "bytes=0-1")])
                #expect(get.status == 200 && head.status == 200 && head.body.isEmpty)
                #expect(head.headers.first("Content-Length") == "\(size)")
                for name in [
                    "Content-Type", "ETag", "Last-Modified", "Accept-Ranges", "Content-Disposition", "Cache-Control",
                ] {
                    #expect(head.headers.first(name) == get.headers.first(name) && get.headers.first(name) != nil)
                }
                #expect(
                    get.headers.first("Content-Disposition")
                        == "attachment; filename=\"_.pdf\"; filename*=UTF-8''%C3%BC.pdf")
                #expect(get.headers.first("X-Content-Type-Options") == "nosniff")
                #expect(get.headers.first("Content-Security-Policy") == "default-src 'none'; sandbox")
            }
        }
    }

    @Test func `nothing but a stored file has an address`() async throws {
        try await Site.run { site in
            let sample = try await StoredSample.put(Pattern.bytes(Self.small), in: site)
            let uploads = site.uploads.path
            // Rows whose files were replaced by something that leads elsewhere.
            for (name, target) in [("link.pdf", "/etc/passwd"), ("folder.pdf", nil)] {
                _ = try await StoredSample.put(Pattern.bytes(10), in: site, name: name)
                let path = "\(uploads)/whatsapp/\(name)"
                try FileManager.default.removeItem(atPath: path)
                if let target {
                    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
                } else {
                    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
                }
            }
            try Data("none of yours".utf8).write(to: site.uploads.appending(path: "whatsapp/unlisted.pdf"))
            let paths = [
                "/uploads", "/uploads/", "/uploads/whatsapp", "/uploads/whatsapp/", "/uploads/whatsapp/.",
                "/uploads/whatsapp/..", "/uploads/whatsapp/../whatsapp/\(sample.name)", "/uploads/.incoming/a",
                "/uploads/whatsapp/..%2F\(sample.name)", "/uploads/whatsapp/%2e%2e%2f.env",
                "/uploads/whatsapp/..%5c.env",
                "/uploads/whatsapp/..%252f.env", "/uploads/whatsapp/%00", "/uploads/whatsapp/\(sample.name)%00",
                "/uploads/whatsapp/\(sample.name)/", "/uploads/whatsapp/\(sample.name)/a",
                "/uploads/whatsapp//etc/passwd",
                "/uploads/whatsapp/%2Fetc%2Fpasswd", "/uploads/whatsapp/\(sample.name).", "/uploads/whatsapp/*",
                "/uploads/whatsapp/\(sample.name.uppercased())", "/uploads/whatsapp/%c0%ae%c0%ae/",
                "/uploads/whatsapp/~",
                "/uploads/whatsapp/link.pdf", "/uploads/whatsapp/folder.pdf", "/uploads/whatsapp/unlisted.pdf",
            ]
            for path in paths {
                let connection = try RawConnection(site.base)
                try connection.send("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                let answer = try connection.answer()
                let isFile = answer.hasPrefix("HTTP/1.1 200")
                #expect(!isFile || path == "/uploads/whatsapp/\(sample.name)/", "\(path): \(answer.prefix(300))")
                #expect(!answer.contains("root:") && !answer.contains("none of yours"), "\(path)")
            }
        }
    }

    @Test func `requests sent at once are answered in their order, from memory and from disk`() async throws {
        try await Site.run { site in
            let small = try await StoredSample.put(Pattern.bytes(Self.small), in: site, name: "small.pdf")
            let large = try await StoredSample.put(Pattern.bytes(Self.large), in: site, name: "large.pdf")
            let asked = [large, small, large, large, small]
            let connection = try RawConnection(site.base)
            try connection.send(
                asked.enumerated().map { index, sample in
                    let close = index == asked.count - 1 ? "Connection: close\r\n" : ""
                    return "GET \(sample.path) HTTP/1.1\r\nHost: localhost\r\n\(close)\r\n"
                }.joined())
            var rest: [UInt8] = []
            while let more = try connection.receive() { rest += more }
            for sample in asked {
                let end = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)))
                #expect(String(decoding: rest[..<end.lowerBound], as: UTF8.self).hasPrefix("HTTP/1.1 200"))
                rest.removeFirst(end.upperBound)
                #expect(Array(rest.prefix(sample.bytes.count)) == sample.bytes)
                rest.removeFirst(min(rest.count, sample.bytes.count))
            }
            #expect(rest.isEmpty)
        }
    }

    @Test func `an erased file is gone within seconds, also from memory`() async throws {
        try await Site.run { site in
            let sample = try await StoredSample.put(Pattern.bytes(Self.small), in: site)
            #expect(try await site.get(sample.path).status == 200)
            try await site.stores.withDatabase { database in
                _ = try await database.transaction { try $0.execute("DELETE FROM media") }
            }
            try await eventually("the file is gone") {
                try await site.get(sample.path).status == 404 ? true : nil
            }
        }
    }

    @Test func `fifty downloads at once take little memory, and those broken off leave no file open`() async throws {
        try await Site.run { site in
            let sample = try await StoredSample.put(Pattern.bytes(Self.large), in: site)
            #expect(try await site.get(sample.path).body == sample.bytes)
            let process = ProcessFigures(site.program.processID)
            let (memory, open) = (try process.residentBytes(), try process.openFiles())
            var connections: [RawConnection] = []
            for _ in 0..<50 {
                let connection = try RawConnection(site.base)
                try connection.send("GET \(sample.path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(try connection.receive()?.isEmpty == false)
                connections.append(connection)
            }
            try await eventually("every download is under way") { try process.openFiles() >= open + 100 ? true : nil }
            #expect(try process.residentBytes() - memory < 16 << 20, "300 MB are being sent")
            // Half are broken off, half read to the end.
            connections.removeFirst(25)
            for connection in connections {
                var count = 0
                while let more = try connection.receive() { count += more.count }
                #expect(count > Self.large - 65_536 * 4)
            }
            connections = []
            #expect(try process.residentBytes() - memory < 16 << 20)
            try await eventually("all is closed") { try process.openFiles() <= open ? true : nil }
        }
    }
}

/// What the kernel tells of a running process.
struct ProcessFigures {
    private let folder: String

    init(_ id: Int32) { folder = "/proc/\(id)" }

    func residentBytes() throws -> Int {
        let fields = try String(contentsOfFile: folder + "/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * Int(getpagesize())
    }

    func openFiles() throws -> Int { try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count }
}
