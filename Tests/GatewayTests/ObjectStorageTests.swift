import Fetch
import Foundation
import Synchronization
import Testing
import WhatsApp

@testable import Gateway

/// Files as objects of a bucket: whole or not there, whatever goes wrong on the way.
@Suite(.enabled(if: Files.endpoint != nil, "TEST_S3_ENDPOINT names a scratch S3 server"), .timeLimit(.minutes(5)))
struct ObjectStorageTests {
    /// A bucket's corner of its own, behind a way that fails as told.
    struct Lab: Sendable {
        let storage: S3Storage
        let proxy: FaultProxy
        let files: StoredFiles
        let folder: URL

        static func run(
            fault: @escaping @Sendable (String) -> FaultProxy.Fault? = { _ in nil },
            change: (inout S3Settings) -> Void = { _ in }, _ body: (Lab) async throws -> Void
        ) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(path: "s3-\(UUID().uuidString)")
            try FileManager.default.createDirectory(
                at: folder.appending(path: ".incoming"), withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }  // a left-over harms nobody
            let endpoint = try #require(
                Files.endpoint.flatMap { URL(string: $0)?.port }.flatMap { UInt16(exactly: $0) })
            let proxy = try FaultProxy(to: endpoint, fault: fault)
            defer { proxy.stop() }
            var settings = try Files.settings(prefix: "\(UUID().uuidString)/")
            let files = StoredFiles(uploads: folder, objects: settings)
            settings.endpoint = "http://127.0.0.1:\(proxy.port)"
            change(&settings)
            let fetch = FetchClient(userAgent: "tests", logger: Engines.logger)
            defer { fetch.close() }
            try await body(
                Lab(storage: S3Storage(settings, fetch: fetch), proxy: proxy, files: files, folder: folder))
        }

        func put(_ bytes: [UInt8], name: String = "0123abcd.pdf") async throws {
            let path = folder.appending(path: UUID().uuidString)
            try Data(bytes).write(to: path)
            try await storage.put(path.path, name: name, type: "application/pdf")
        }

        func read(_ range: Range<Int64>, of name: String = "0123abcd.pdf") async throws -> [UInt8] {
            guard case .remote(let reader) = storage.content(of: name) else { return [] }
            return try await reader.read(range)
        }
    }

    /// No two places in it look alike.
    private static func pattern(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }
    }

    private static let slowDown =
        "HTTP/1.1 503 Slow Down\r\nContent-Length: 44\r\nConnection: close\r\n\r\n<Error><Code>SlowDown</Code></Error>         "

    /// Faults for the first requests that fit, one each.
    private static func first(
        _ faults: [FaultProxy.Fault], of pattern: @escaping @Sendable (String) -> Bool
    ) -> @Sendable (String) -> FaultProxy.Fault? {
        let left = Mutex(faults[...])
        let next: @Sendable (String) -> FaultProxy.Fault? = { line in
            pattern(line) ? left.withLock { $0.popFirst() } : nil
        }
        return next
    }

    @Test(arguments: [1, 5000, Int(S3Upload.part), Int(S3Upload.part) + 1, 2 * Int(S3Upload.part) + 4321])
    func `what is put comes back byte for byte, whole and in parts`(_ size: Int) async throws {
        try await Lab.run { lab in
            let bytes = Self.pattern(size)
            try await lab.put(bytes)
            #expect(try await lab.files.names() == ["0123abcd.pdf"])
            #expect(try await lab.files.unfinished().isEmpty)
            #expect(try await lab.files.bytes("0123abcd.pdf") == bytes)
            for range in [0..<1, size / 2..<min(size, size / 2 + 1000), max(0, size - 7)..<size] {
                let read = try await lab.read(Int64(range.lowerBound)..<Int64(range.upperBound))
                #expect(read == Array(bytes[range]), "\(range)")
            }
            let copy = lab.folder.appending(path: "copy").path
            #expect(try await lab.storage.localFile(of: "0123abcd.pdf", orAt: copy) == copy)
            #expect([UInt8](try Data(contentsOf: URL(filePath: copy))) == bytes)
            try await lab.storage.remove("0123abcd.pdf")
            try await lab.storage.remove("0123abcd.pdf")
            #expect(try await lab.files.names().isEmpty)
        }
    }

    @Test func `a file that is not there is missing, not broken`() async throws {
        try await Lab.run { lab in
            let error = await #expect(throws: GatewayError.self) { try await lab.read(0..<10) }
            #expect(error?.code == .notFound)
            #expect(lab.proxy.requests.count == 1, "asking again would not help")
        }
    }

    @Test func `trouble of a moment is not noticed`() async throws {
        let faults: [FaultProxy.Fault] = [.answer(Self.slowDown), .cut, .loseAnswer]
        for size in [5000, Int(S3Upload.part) + 1] {
            let fault = Self.first(faults) { $0.hasPrefix("PUT") }
            try await Lab.run(fault: fault) { lab in
                let bytes = Self.pattern(size)
                try await lab.put(bytes)
                #expect(try await lab.files.bytes("0123abcd.pdf") == bytes)
                #expect(lab.proxy.requests.count { $0.hasPrefix("PUT") } == faults.count + (size > 5000 ? 2 : 1))
            }
        }
        try await Lab.run(fault: Self.first(faults) { $0.hasPrefix("GET") }) { lab in
            try await lab.put(Self.pattern(100))
            #expect(try await lab.read(3..<9) == Array(Self.pattern(100)[3..<9]))
        }
    }

    @Test func `an upload whose last answer is lost is found to be done`() async throws {
        // What storage knows of a finished upload differs: moto says "done" once more, others know it no longer.
        let gone = "<Error><Code>NoSuchUpload</Code></Error>"
        let answer = "HTTP/1.1 404 Gone\r\nContent-Length: \(gone.utf8.count)\r\nConnection: close\r\n\r\n\(gone)"
        let fault = Self.first([.loseAnswer, .answer(answer)]) { $0.hasPrefix("POST") && !$0.contains("uploads=") }
        try await Lab.run(fault: fault) { lab in
            let bytes = Self.pattern(Int(S3Upload.part) + 1)
            try await lab.put(bytes)
            #expect(try await lab.files.bytes("0123abcd.pdf") == bytes)
            #expect(lab.proxy.requests.contains { $0.hasPrefix("HEAD") }, "\(lab.proxy.requests)")
        }
    }

    @Test func `an upload that fails leaves nothing behind`() async throws {
        try await Lab.run { line in
            line.contains("partNumber=2") ? .answer(Self.slowDown) : nil
        } _: { (lab: Lab) async throws in
            let error = await #expect(throws: GatewayError.self) {
                try await lab.put(Self.pattern(Int(S3Upload.part) + 1))
            }
            #expect(error?.code == .unavailable && error?.cause?.contains("SlowDown") == true)
            #expect(lab.proxy.requests.count { $0.contains("partNumber=2") } == 4, "four tries in all")
            #expect(try await lab.files.names().isEmpty)
            #expect(try await lab.files.unfinished().isEmpty)
        }
    }

    @Test func `an upload that was cut off by a crash is removed by its name`() async throws {
        try await Lab.run { line in
            // As if the process had ended: neither the second part nor the word to abort arrives.
            line.contains("partNumber=2") || line.hasPrefix("DELETE") && line.contains("uploadId") ? .cut : nil
        } _: { (lab: Lab) async throws in
            await #expect(throws: GatewayError.self) { try await lab.put(Self.pattern(Int(S3Upload.part) + 1)) }
            #expect(try await lab.files.unfinished().count == 1)
            try await Lab.run(change: { $0.prefix = lab.files.objects?.prefix ?? "" }) { later in
                try await later.storage.remove("0123abcd.pdf")
            }
            #expect(try await lab.files.unfinished().isEmpty)
            #expect(try await lab.files.names().isEmpty)
        }
    }

    @Test func `the check passes on good storage and leaves nothing`() async throws {
        try await Lab.run { lab in
            try await lab.storage.check()
            #expect(try await lab.files.names().isEmpty)
        }
    }

    @Test func `what is wrong is said, and no key is`() async throws {
        let key = try Files.settings(prefix: "").keyID
        let cases: [(words: String, change: (inout S3Settings) -> Void)] = [
            ("SignatureDoesNotMatch", { $0.secret = Secret("hunter2hunter2") }),
            ("InvalidAccessKeyId", { $0.keyID = "AKIAHUNTER2" }),
            ("NoSuchBucket", { $0.bucket = "no-such-bucket" }),
            ("can't be connected to", { $0.endpoint = "http://127.0.0.1:1" }),
        ]
        for row in cases {
            try await Lab.run(change: row.change) { lab in
                let error = await #expect(throws: GatewayError.self) { try await lab.storage.check() }
                #expect(error?.code == .unavailable)
                #expect(error?.message.contains(row.words) == true, "\(error?.message ?? "-")")
                for secret in [key, "hunter2", "AKIA"] {
                    #expect(!"\(error!)".contains(secret), "\(error!)")
                }
            }
        }
    }

    @Test func `an answer that is not the range asked for is not taken for it`() async throws {
        try await Lab.run { line in
            line.hasPrefix("GET")
                ? .answer("HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd") : nil
        } _: { (lab: Lab) async throws in
            for range in [Int64(2)..<6, 0..<5] {
                let error = await #expect(throws: GatewayError.self) { try await lab.read(range) }
                #expect(error?.code == .unavailable, "\(range)")
            }
        }
    }
}

@Suite struct S3SettingsTests {
    private static func settings(_ endpoint: String?, _ bucket: String) -> S3Settings {
        S3Settings(endpoint: endpoint, bucket: bucket, keyID: "k", secret: Secret("s"))
    }

    @Test func `the bucket stands in the host at Amazon, in the path elsewhere`() {
        #expect(Self.settings(nil, "media").bucketURL == "https://media.s3.us-east-1.amazonaws.com")
        #expect(Self.settings(nil, "my.media").bucketURL == "https://s3.us-east-1.amazonaws.com/my.media")
        #expect(Self.settings("http://127.0.0.1:9000", "media").bucketURL == "http://127.0.0.1:9000/media")
        var settings = Self.settings("https://s3.example.org:9000", "media")
        settings.usesPathStyle = false
        #expect(settings.bucketURL == "https://media.s3.example.org:9000")
    }

    @Test func `settings print no secret`() {
        #expect(!"\(Self.settings(nil, "media"))".contains("\"s\""))
    }
}
