import Fetch

/// Files as objects of a bucket, which any number of gateways share.
package struct S3Storage: MediaStorage {
    private let client: S3Client
    private let threads: BlockingThreads

    init(_ settings: S3Settings, fetch: FetchClient, threads: BlockingThreads) {
        client = S3Client(settings: settings, fetch: fetch)
        self.threads = threads
    }

    package init(_ settings: S3Settings, fetch: FetchClient) {
        self.init(settings, fetch: fetch, threads: BlockingThreads(name: "s3", count: 1))
    }

    private func key(_ name: String) -> String { client.settings.key(name) }

    func put(_ temporary: String, name: String, type: String) async throws {
        try await telling {
            try await S3Upload(client: client, threads: threads, path: temporary, key: key(name), type: type).run()
        }
    }

    func content(of name: String) -> StoredContent {
        .remote(MediaReader { range in try await telling { try await Self.read(name, range, client) } })
    }

    func localFile(of name: String, orAt temporary: String) async throws -> String {
        try await telling { try await client.download(key: key(name), to: temporary) }
        return temporary
    }

    func remove(_ name: String) async throws {
        try await telling {
            try await Self.delete(name, client)
            let answer = try await client.send(
                S3Client.Call(method: "GET", query: [("prefix", key(name)), ("uploads", "")]))
            for id in S3Text.all("UploadId", in: answer.body) {
                _ = try await client.send(S3Client.Call(method: "DELETE", key: key(name), query: [("uploadId", id)]))
            }
        }
    }

    /// Writes, reads and removes a small object. Somebody waits for the answer: nothing is tried twice.
    package func check() async throws {
        var client = client
        client.tries = 1
        client.timeout = .seconds(3)
        let name = ".check-\(MediaName.random())"
        let bytes = Array(name.utf8)
        do {
            _ = try await client.send(
                S3Client.Call(
                    method: "PUT", key: key(name), headers: [("Content-Type", "text/plain")], body: .bytes(bytes),
                    bodyHash: S3Client.hash(of: bytes)))
            guard try await Self.read(name, 1..<9, client) == Array(bytes[1..<9]) else {
                throw S3Failure("GET", "what was written comes back changed")
            }
            try await Self.delete(name, client)
        } catch let failure as S3Failure {
            throw GatewayError(.unavailable, failure.summary)
        }
    }

    private static func read(_ name: String, _ range: Range<Int64>, _ client: S3Client) async throws -> [UInt8] {
        let response = try await client.send(
            S3Client.Call(
                method: "GET", key: client.settings.key(name),
                headers: [("Range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")],
                maxResponseBytes: max(range.count, 64 << 10)))
        // One that ignores ranges gives the whole object: right only by chance.
        guard response.body.count == range.count, response.status == 206 || range.lowerBound == 0 else {
            throw S3Failure("GET", "the answer is not what was asked for")
        }
        return response.body
    }

    private static func delete(_ name: String, _ client: S3Client) async throws {
        do {
            _ = try await client.send(S3Client.Call(method: "DELETE", key: client.settings.key(name)))
        } catch let failure as S3Failure where failure.isMissing {
            return
        }
    }

    private func telling<Value>(_ call: () async throws -> Value) async throws -> Value {
        do {
            return try await call()
        } catch let failure as S3Failure {
            throw failure.gatewayError
        }
    }
}
