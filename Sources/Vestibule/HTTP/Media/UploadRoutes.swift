import Gateway
import HTTPTypes
import Hummingbird
import JSON
import WhatsApp

/// Takes a file to send, as a form: `file`, and `mediaType` where it is to be checked as one kind. Its bytes go to the
/// disk as they come.
struct UploadRoutes: Sendable {
    static let path = "/media"
    private static let kinds = ["image", "video", "audio", "voice", "document", "sticker"]
    private static let fieldLimit = 64

    let uploads: UploadService
    let mediaLinks: MediaLinks?

    var routes: [Route] { [Route(.post, Self.path, respond: upload)] }

    @Sendable private func upload(_ request: Request, _: GatewayContext) async throws -> Response {
        _ = try QueryReader(request.uri, allowed: [])
        guard var reader = MultipartReader(contentType: request.headers[.contentType]) else {
            throw RequestFailure(
                status: .unsupportedMediaType, code: "UNSUPPORTED_MEDIA_TYPE",
                message: "send a form with the file in it, with `Content-Type: multipart/form-data; boundary=…`")
        }
        if let announced = request.headers[.contentLength].flatMap(Int.init), announced > ConnectionLimits.uploadBody {
            throw RequestFailure.tooLarge(limit: ConnectionLimits.uploadBody)
        }
        var form = UploadForm()
        var count = 0
        for try await chunk in request.body {
            count += chunk.readableBytes
            guard count <= ConnectionLimits.uploadBody else {
                throw RequestFailure.tooLarge(limit: ConnectionLimits.uploadBody)
            }
            for event in try Self.parse(Array(chunk.readableBytesView), &reader) { try await take(event, &form) }
        }
        guard reader.isAtEnd else { throw RequestFailure.invalid("the form ends before its last boundary") }
        try Self.checkKind(form)
        guard let file = form.file else {
            throw RequestFailure.invalid("`file` is required: the part that holds the file", field: "file")
        }
        let media = try await uploads.finish(file, as: form.kind, fileName: form.fileName)
        var answer: JSONObject = ["success": true]
        answer["mediaUrl"] = .string(mediaLinks?.signed(media.path) ?? media.path)
        answer["mediaType"] = .string(media.kind.rawValue)
        answer["mimeType"] = .string(media.mimeType)
        answer["fileSize"] = .integer(media.size)
        answer["fileName"] = media.fileName.map(JSON.string)
        return Response(.object(answer), status: .created)
    }

    private static func parse(
        _ bytes: [UInt8], _ reader: inout MultipartReader
    ) throws(RequestFailure) -> [MultipartReader.Event] {
        do throws(MultipartReader.Malformed) {
            return try reader.take(bytes)
        } catch {
            throw .invalid("the form can't be read: \(error.problem)")
        }
    }

    /// What has come of the form.
    private struct UploadForm {
        /// The part that is coming in.
        var part = ""
        var file: CallerFile?
        var fileName: String?
        var mediaType: [UInt8]?

        var kind: MediaKind? {
            mediaType.flatMap { bytes in
                let name = String(decoding: bytes, as: UTF8.self)
                return name == "voice" ? .audio : MediaKind(rawValue: name)
            }
        }
    }

    private func take(_ event: MultipartReader.Event, _ form: inout UploadForm) async throws {
        switch event {
        case .part(let name, let fileName):
            if form.part == "mediaType" { try Self.checkKind(form) }
            form.part = name
            switch name {
            case "file":
                guard form.file == nil else { throw RequestFailure.invalid("`file` must be given once", field: name) }
                form.file = try await uploads.begin()
                form.fileName = fileName.flatMap { $0.isEmpty ? nil : $0 }
            case "mediaType":
                guard form.mediaType == nil else {
                    throw RequestFailure.invalid("`mediaType` must be given once", field: name)
                }
                form.mediaType = []
            default:
                throw RequestFailure.invalid(
                    "`\(name.prefix(64))` is not a field here; allowed are file, mediaType",
                    field: String(name.prefix(64)))
            }
        case .bytes(let bytes):
            if form.part == "file" {
                try await form.file?.append(bytes, kind: form.kind)
            } else {
                form.mediaType?.append(contentsOf: bytes)
                if form.mediaType?.count ?? 0 > Self.fieldLimit { try Self.checkKind(form) }
            }
        }
    }

    private static func checkKind(_ form: UploadForm) throws(RequestFailure) {
        guard let bytes = form.mediaType, !kinds.contains(String(decoding: bytes, as: UTF8.self)) else { return }
        throw .invalid("`mediaType` must be one of \(kinds.joined(separator: ", "))", field: "mediaType")
    }
}
