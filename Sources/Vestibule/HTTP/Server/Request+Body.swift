import HTTPTypes
import Hummingbird
import JSON
import NIOCore

extension Request {
    /// The whole body, at most `limit` bytes: counted while reading, whatever `Content-Length` says.
    /// - Throws: `RequestFailure` 413 beyond the limit, 400 when the body ends before its announced length, 503 when
    ///   too many bodies come in at once.
    func bytes(limit: Int) async throws -> [UInt8] {
        let announced = headers[.contentLength].flatMap(Int.init)
        if let announced, announced > limit { throw RequestFailure.tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        // An announcement costs its sender nothing, so it makes room for no more than usual bodies need.
        bytes.reserveCapacity(min(announced ?? 0, 64 * 1024))
        var taken = 0
        defer { BodyBudget.shared.giveBack(taken) }
        for try await chunk in body {
            guard bytes.count + chunk.readableBytes <= limit else { throw RequestFailure.tooLarge(limit: limit) }
            try BodyBudget.shared.take(chunk.readableBytes)
            taken += chunk.readableBytes
            bytes.append(contentsOf: chunk.readableBytesView)
        }
        if let announced, bytes.count != announced {
            throw RequestFailure.invalid("the body ended after \(bytes.count) of \(announced) bytes")
        }
        return bytes
    }

    /// The body as a JSON object, read strictly.
    /// - Throws: `RequestFailure` 415 for another content type, 413, 400.
    func jsonObject(limit: Int = ConnectionLimits.apiBody) async throws -> JSON {
        try await sizedObject(limit: limit).json
    }

    /// What `jsonObject` gives, with the size of the body in bytes.
    func sizedObject(limit: Int) async throws -> (json: JSON, size: Int) {
        if let type = headers[.contentType], !Self.isJSON(type) {
            throw RequestFailure(
                status: .unsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
                message: "send JSON, with `Content-Type: application/json`")
        }
        let bytes = try await bytes(limit: limit)
        guard !bytes.isEmpty else { throw RequestFailure.invalid("the body is empty; expected a JSON object") }
        let json: JSON
        do {
            json = try JSON(parsing: bytes)
        } catch {
            throw RequestFailure.invalid("the body is not valid JSON: \(error.message) (at byte \(error.offset))")
        }
        guard case .object = json else { throw RequestFailure.invalid("the body must be a JSON object") }
        return (json, bytes.count)
    }

    /// `application/json` and its relatives such as `application/problem+json`, with any parameters.
    private static func isJSON(_ contentType: String) -> Bool {
        let type = (contentType.split(separator: ";").first ?? "").filter { $0 != " " && $0 != "\t" }.lowercased()
        return type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json"))
    }
}
