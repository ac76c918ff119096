import Gateway
import HTTPTypes
import Hummingbird

/// Serves stored media. Names can't be guessed and bytes never change under a name, so answers may be kept for good.
struct MediaRoutes: Sendable {
    let media: MediaStore

    var routes: [Route] {
        [Route(.get, "/uploads/whatsapp/{name}", access: .open, respond: serve)]
    }

    @Sendable private func serve(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let name = context.fileName(), let file = try await media.open(name: name) else { throw Self.noSuchFile }
        var headers = Self.headers(of: file)
        if Self.matches(request.headers[.ifNoneMatch], file.etag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = file.mimeType
        headers[.acceptRanges] = "bytes"

        switch range(request, file) {
        case .unsatisfiable:
            throw RequestFailure(
                status: .rangeNotSatisfiable, code: "RANGE_NOT_SATISFIABLE",
                message: "the file has \(file.size) bytes", headers: [.contentRange: "bytes */\(file.size)"])
        case .whole:
            headers[.contentLength] = String(file.size)
            return try await response(request, file, 0..<file.size, .ok, headers)
        case .part(let part):
            headers[.contentLength] = String(part.upperBound - part.lowerBound)
            headers[.contentRange] = "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(file.size)"
            return try await response(request, file, part, .partialContent, headers)
        }
    }

    /// A range that was asked for of another version of the file is none.
    private func range(_ request: Request, _ file: StoredFile) -> ByteRange {
        if let version = request.headers[.ifRange], version != file.etag { return .whole }
        return ByteRange(request.headers[.range], size: file.size)
    }

    private func response(
        _ request: Request, _ file: StoredFile, _ part: Range<Int64>, _ status: HTTPResponse.Status,
        _ headers: HTTPFields
    ) async throws -> Response {
        guard request.method != .head else { return Response(status: status, headers: headers) }
        switch file.content {
        case .file(let path):
            guard let open = try await OpenFile.open(path) else { throw Self.noSuchFile }
            return Response(status: status, headers: headers, body: open.body(part))
        case .remote(let reader):
            return Response(status: status, headers: headers, body: try await RemoteFile(reader, part).body())
        }
    }

    private static func headers(of file: StoredFile) -> HTTPFields {
        [
            .eTag: file.etag,
            .cacheControl: "private, max-age=31536000, immutable",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .contentDisposition: ContentDisposition.value(inline: file.inline, fileName: file.downloadName),
        ]
    }

    /// `If-None-Match`: a list of tags, weak ones included, or "*".
    private static func matches(_ header: String?, _ etag: String) -> Bool {
        guard let header else { return false }
        return header.split(separator: ",").contains { tag in
            let tag = tag.filter { $0 != " " && $0 != "\t" }
            return tag == "*" || tag == etag || tag == "W/\(etag)"
        }
    }

    private static let noSuchFile = RequestFailure(GatewayError(.notFound, "there is no such file"))
}
