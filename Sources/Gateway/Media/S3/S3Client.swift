import Crypto
import Fetch

/// Signed requests to one bucket. What may go well in a moment is tried again a few times; all calls here may be made
/// twice.
struct S3Client: Sendable {
    let settings: S3Settings
    let fetch: FetchClient
    /// How often a call is made at most.
    var tries = 4
    /// For a call that moves little.
    var timeout: Duration = .seconds(30)

    private static let firstWait: Duration = .milliseconds(200)
    /// For what moves megabytes; ended sooner when it stalls.
    private static let transferTimeout: Duration = .seconds(300)
    private static let stalled = FetchLowSpeed(bytesPerSecond: 1024, period: .seconds(20))

    struct Call: Sendable {
        let method: String
        /// Nil for the bucket itself.
        var key: String?
        /// Sorted by name.
        var query: [(name: String, value: String)] = []
        var headers: [(String, String)] = []
        var body: FetchBody = .none
        /// Of the body, in hexadecimal.
        var bodyHash = S3Client.hash(of: [])
        var maxResponseBytes = 1 << 20
    }

    static func hash(of bytes: [UInt8]) -> String { Array(SHA256.hash(data: bytes)).hexadecimal }

    /// - Returns: an answer of status 2xx.
    func send(_ call: Call) async throws -> FetchResponse {
        try await repeating {
            let response: FetchResponse
            do throws(FetchError) {
                response = try await fetch.send(request(call))
            } catch {
                throw S3Failure(call.method, error)
            }
            guard (200..<300).contains(response.status) else {
                throw S3Failure(call.method, status: response.status, body: response.body)
            }
            return response
        }
    }

    /// Writes a whole object to a new file.
    func download(key: String, to path: String) async throws {
        try await repeating {
            let download: FetchDownload
            do throws(FetchError) {
                download = try await fetch.download(request(Call(method: "GET", key: key)), to: path, limit: .max)
            } catch {
                throw S3Failure("GET", error)
            }
            guard download.isSuccess else {
                throw S3Failure("GET", status: download.status, body: download.errorBody)
            }
        }
    }

    private func request(_ call: Call) -> FetchRequest {
        var url = settings.bucketURL
        if let key = call.key {
            url += "/" + key.split(separator: "/").map { S3Text.encoded(String($0)) }.joined(separator: "/")
        }
        if !call.query.isEmpty {
            url += "?" + call.query.map { "\($0.name)=\(S3Text.encoded($0.value))" }.joined(separator: "&")
        }
        var request = FetchRequest(method: call.method, url: url, headers: call.headers, body: call.body)
        request.signature = FetchSignature(
            service: "s3", region: settings.region, keyID: settings.keyID, secret: settings.secret.reveal(),
            sessionToken: settings.sessionToken?.reveal(), bodyHash: call.bodyHash)
        request.timeout = timeout
        switch call.body {
        case .file, .filePart: request.timeout = Self.transferTimeout
        case .none, .bytes, .multipart: break
        }
        request.lowSpeed = Self.stalled
        request.maxResponseBytes = call.maxResponseBytes
        request.idempotent = true
        return request
    }

    private func repeating<Value>(_ call: () async throws -> Value) async throws -> Value {
        var wait = Self.firstWait
        for _ in 1..<tries {
            do {
                return try await call()
            } catch let failure as S3Failure where failure.isTransient {
                try await Task.sleep(for: wait * Double.random(in: 0.5...1.5))
                wait *= 3
            }
        }
        return try await call()
    }
}
