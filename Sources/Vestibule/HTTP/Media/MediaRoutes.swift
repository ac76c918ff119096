import Gateway
import HTTPTypes
import Hummingbird

/// Serves stored media. Names can't be guessed and bytes never change under a name, so answers may be kept for good.
struct MediaRoutes: Sendable {
    let cache: MediaCache
    let renditions: MediaRenditions
    /// None where the name alone opens a file.
    let links: MediaLinks?
    /// Where an nginx in front keeps the same folder; nil for sending the files from here.
    let xAccel: String?

    var routes: [Route] {
        [Route(.get, "/uploads/whatsapp/{name}", access: .open, respond: serve)]
    }

    @Sendable private func serve(_ request: Request, context: GatewayContext) async throws -> Response {
        guard let source = context.fileName() else { throw Self.noSuchFile }
        let query = try QueryReader(request.uri, allowed: nil)
        let secondsLeft = try checkLink(source, query)
        let form = try MediaForm.asked(query)
        let name = form?.name(of: source) ?? source
        var known = try await cache.file(name)
        if known == nil, let form {
            try await renditions.prepare(form, of: source)
            known = try await cache.file(name)
        }
        guard let file = known else { throw Self.noSuchFile }
        let modified = Int(file.createdAt / 1000)
        let conditions = Preconditions(etag: file.etag, modified: modified)
        var headers = Self.headers(of: file, modified: modified)
        if let secondsLeft { headers[.cacheControl] = "private, max-age=\(secondsLeft)" }
        if let xAccel, case .file = file.content { return Self.handedOver(file, at: xAccel + name, headers) }
        switch conditions.outcome(request.headers) {
        case .proceed: break
        case .notModified: return Response(status: .notModified, headers: headers)
        case .failed: throw Self.preconditionFailed
        }
        headers[.contentType] = file.mimeType
        headers[.acceptRanges] = "bytes"

        // Ranges are defined for GET alone.
        let takesRanges = request.method == .get && conditions.takesRanges(request.headers)
        switch RequestedRanges(takesRanges ? request.headers[.range] : nil, size: file.size) {
        case .unsatisfiable:
            throw RequestFailure(
                status: .rangeNotSatisfiable, code: "RANGE_NOT_SATISFIABLE",
                message: "the file has \(file.size) bytes", headers: [.contentRange: "bytes */\(file.size)"])
        case .whole:
            return try await answer(request, context, name, file, .ok, headers, RangedBody(0..<file.size))
        case .parts(let parts):
            let body = RangedBody(parts: parts, of: file.size, type: file.mimeType)
            if let type = body.multipartType {
                headers[.contentType] = type
            } else {
                headers[.contentRange] = "bytes \(parts[0].lowerBound)-\(parts[0].upperBound - 1)/\(file.size)"
            }
            return try await answer(request, context, name, file, .partialContent, headers, body)
        }
    }

    private func answer(
        _ request: Request, _ context: GatewayContext, _ name: String, _ file: StoredFile,
        _ status: HTTPResponse.Status, _ headers: HTTPFields, _ body: RangedBody
    ) async throws -> Response {
        var headers = headers
        headers[.contentLength] = String(body.length)
        guard request.method != .head else { return Response(status: status, headers: headers) }
        guard let content = try await MediaBody.open(file, name: name, from: body.start, cache: cache)
        else { throw Self.noSuchFile }
        return Response(status: status, headers: headers, body: content.response(body, over: context.channel))
    }

    /// - Returns: how long the link holds; nil where links need no signature.
    private func checkLink(_ name: String, _ query: QueryReader) throws(RequestFailure) -> Int64? {
        guard let links else { return nil }
        switch links.judge(name: name, expires: query.text("expires"), signature: query.text("signature")) {
        case .valid(let secondsLeft): return secondsLeft
        case .expired: throw Self.forbidden("this link has expired; read the message again for a new one")
        case .forged: throw Self.forbidden("this link is not signed; take `mediaUrl` whole, as the message has it")
        }
    }

    /// The proxy takes these headers, looks at conditions and ranges itself, and sends the file.
    private static func handedOver(_ file: StoredFile, at location: String, _ headers: HTTPFields) -> Response {
        var headers = headers
        headers[.eTag] = nil
        headers[.lastModified] = nil
        headers[.contentType] = file.mimeType
        headers[.xAccelRedirect] = location
        return Response(status: .ok, headers: headers)
    }

    private static func headers(of file: StoredFile, modified: Int) -> HTTPFields {
        [
            .eTag: file.etag,
            .lastModified: HTTPDate.text(modified),
            .cacheControl: "private, max-age=31536000, immutable",
            .contentSecurityPolicy: "default-src 'none'; sandbox",
            .contentDisposition: ContentDisposition.value(inline: file.inline, fileName: file.downloadName),
        ]
    }

    private static let preconditionFailed = RequestFailure(
        status: .preconditionFailed, code: "PRECONDITION_FAILED", message: "the file is another one than asked for")
    private static func forbidden(_ message: String) -> RequestFailure {
        RequestFailure(GatewayError(.forbidden, message))
    }

    private static let noSuchFile = RequestFailure(GatewayError(.notFound, "there is no such file"))
}
