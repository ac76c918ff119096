import Crypto
import Fetch
import Foundation

/// One file on its way into object storage, read from the disk as it is sent: at once when it is small, otherwise in
/// parts.
struct S3Upload: Sendable {
    let client: S3Client
    let threads: BlockingThreads
    let path: String
    let key: String
    let type: String

    /// S3 wants at least 5 MiB of every part but the last.
    static let part: Int64 = 8 << 20

    func run() async throws {
        let size = try await threads.run { [path] in try LocalFile.size(path) }
        guard size > Self.part else { return try await sendWhole(size) }
        let id = try await begin()
        do {
            try await complete(id, size: size, tags: sendParts(id, size: size))
        } catch {
            await abort(id)
            throw error
        }
    }

    private func sendWhole(_ size: Int64) async throws {
        let range = 0..<size
        _ = try await client.send(
            S3Client.Call(
                method: "PUT", key: key, headers: [("Content-Type", type)], body: .filePart(path: path, range: range),
                bodyHash: hash(range)))
    }

    private func begin() async throws -> String {
        let response = try await client.send(
            S3Client.Call(method: "POST", key: key, query: [("uploads", "")], headers: [("Content-Type", type)]))
        guard let id = S3Text.first("UploadId", in: response.body), !id.isEmpty else {
            throw S3Failure("POST", "the answer names no upload")
        }
        return id
    }

    private func sendParts(_ id: String, size: Int64) async throws -> [String] {
        var tags: [String] = []
        for start in stride(from: 0, to: size, by: Int64.Stride(Self.part)) {
            let range = start..<min(size, start + Self.part)
            let response = try await client.send(
                S3Client.Call(
                    method: "PUT", key: key, query: [("partNumber", String(tags.count + 1)), ("uploadId", id)],
                    headers: [("Content-Type", type)], body: .filePart(path: path, range: range),
                    bodyHash: hash(range)))
            guard let tag = response.headers.first("ETag") else { throw S3Failure("PUT", "a part got no ETag") }
            tags.append(tag)
        }
        return tags
    }

    private func complete(_ id: String, size: Int64, tags: [String]) async throws {
        let parts = tags.enumerated().map { number, tag in
            "<Part><PartNumber>\(number + 1)</PartNumber><ETag>\(S3Text.escaped(tag))</ETag></Part>"
        }
        let body = Array("<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>".utf8)
        do {
            let response = try await client.send(
                S3Client.Call(
                    method: "POST", key: key, query: [("uploadId", id)], headers: [("Content-Type", "application/xml")],
                    body: .bytes(body), bodyHash: S3Client.hash(of: body)))
            // Putting parts together takes time: the status goes out before the outcome is known.
            if S3Text.first("ETag", in: response.body) == nil {
                throw S3Failure("POST", status: response.status, body: response.body)
            }
        } catch let failure as S3Failure where failure.reason == "NoSuchUpload" {
            // An earlier try may have gone well without its answer coming back.
            guard try await storedSize() == size else { throw failure }
        }
    }

    private func storedSize() async throws -> Int64? {
        try await client.send(S3Client.Call(method: "HEAD", key: key)).headers.first("Content-Length").flatMap {
            Int64($0)
        }
    }

    /// Best effort: what stays of an upload is found by its key later. A cancelled task can send nothing any more, so
    /// this is a task of its own, awaited and bounded by the client's times.
    private func abort(_ id: String) async {
        await Task { [client, key] in
            _ = try? await client.send(S3Client.Call(method: "DELETE", key: key, query: [("uploadId", id)]))
        }.value
    }

    private func hash(_ range: Range<Int64>) async throws -> String {
        try await threads.run { [path] in Array(try LocalFile.sha256(path, range)).hexadecimal }
    }
}
