import Foundation
import Testing

@testable import Fetch

/// Requests signed for AWS services. That signatures are right, an S3 server tells: see ObjectStorageTests.
@Suite struct SignatureTests {
    private static let signature = FetchSignature(
        service: "s3", region: "eu-central-1", keyID: "AKIAEXAMPLE", secret: "hunter2", sessionToken: "token",
        bodyHash: "UNSIGNED-PAYLOAD")

    @Test func `a signature covers the body's hash, the session and what else is said`() async throws {
        let server = try await RawServer { _ in [.answer()] }
        var request = FetchRequest(
            method: "PUT", url: server.url + "/bucket/name", headers: [("Content-Type", "text/plain")],
            body: .bytes(Array("body".utf8)))
        request.signature = Self.signature
        #expect(try await client().send(request).status == 200)
        let sent = try #require(server.requests.first)
        #expect(sent.text == "body" && sent.headers["content-type"] == "text/plain")
        #expect(sent.headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD")
        #expect(sent.headers["x-amz-security-token"] == "token")
        let authorization = try #require(sent.headers["authorization"])
        #expect(authorization.hasPrefix("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/"))
        #expect(authorization.contains("/eu-central-1/s3/aws4_request"))
        for name in ["content-type", "host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"] {
            #expect(
                authorization.firstMatch(of: /SignedHeaders=([^,]*)/)?.1.split(separator: ";").contains(name[...])
                    == true)
        }
        #expect(!sent.headers.values.contains { $0.contains("hunter2") })
    }

    @Test func `a signature prints nothing of itself`() {
        var request = FetchRequest(url: "https://example.org")
        request.signature = Self.signature
        var dumped = ""
        dump(request, to: &dumped)
        for text in ["\(Self.signature)", "\(request)", String(reflecting: request), dumped] {
            #expect(!text.contains("hunter2") && !text.contains("token"))
        }
    }

    @Test func `a part of a file is sent as it stands there`() async throws {
        try await withFolder { folder in
            let server = try await RawServer { _ in [.answer()] }
            let path = folder + "/file"
            try Data("0123456789".utf8).write(to: URL(filePath: path))
            for (range, text) in [(Int64(0)..<10, "0123456789"), (3..<7, "3456"), (10..<10, "")] {
                _ = try await client().send(
                    FetchRequest(method: "PUT", url: server.url, body: .filePart(path: path, range: range)))
                #expect(server.requests.last?.text == text)
            }
            let error = await failure { () async throws(FetchError) in
                try await client().send(
                    FetchRequest(method: "PUT", url: server.url, body: .filePart(path: path, range: 5..<11)))
            }
            #expect(error == .fileSystem("the body's file is too short"))
        }
    }
}
