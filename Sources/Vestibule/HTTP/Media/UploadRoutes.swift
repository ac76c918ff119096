import Gateway
import HTTPTypes
import Hummingbird
import JSON
import WhatsApp

/// Takes a file to send, as a form: `file`, `mediaType` where it is to be checked as one kind, and `fit` where a picture
/// may be scaled down. Its bytes go to the disk as they come.
struct UploadRoutes: Sendable {
    static let path = "/media"
    /// The fields beside the file, and what they may say.
    private static let values = [
        "mediaType": ["image", "video", "audio", "voice", "document", "sticker"], "fit": ["true", "false"],
    ]
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
        try Self.check(form.part, form)
        guard let file = form.file else {
            throw RequestFailure.invalid("`file` is required: the part that holds the file", field: "file")
        }
        guard !form.fits || form.kind == .image else {
            throw RequestFailure.invalid("`fit` is only possible with mediaType image", field: "fit")
        }
        let media = try await uploads.finish(file, as: form.kind, fits: form.fits, fileName: form.fileName)
        var answer: JSONObject = ["success": true]
        answer["mediaUrl"] = .string(mediaLinks?.signed(media.path) ?? media.path)
        answer["mediaType"] = .string(media.isVoice ? "voice" : media.kind.rawValue)
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
        /// The fields beside the file, as far as they have come.
        var fields: [String: [UInt8]] = [:]

        var kind: MediaKind? { text("mediaType").flatMap { $0 == "voice" ? .audio : MediaKind(rawValue: $0) } }
        var fits: Bool { text("fit") == "true" }

        func text(_ field: String) -> String? { fields[field].map { String(decoding: $0, as: UTF8.self) } }
    }

    private func take(_ event: MultipartReader.Event, _ form: inout UploadForm) async throws {
        switch event {
        case .part(let name, let fileName):
            try Self.check(form.part, form)
            form.part = name
            if name == "file" {
                guard form.file == nil else { throw RequestFailure.invalid("`file` must be given once", field: name) }
                form.file = try await uploads.begin()
                form.fileName = fileName.flatMap { $0.isEmpty ? nil : $0 }
            } else {
                try Self.begin(name, &form)
            }
        case .bytes(let bytes):
            if form.part == "file" {
                try await form.file?.append(bytes, kind: form.kind, fits: form.fits)
            } else {
                form.fields[form.part]?.append(contentsOf: bytes)
                if form.fields[form.part]?.count ?? 0 > Self.fieldLimit { try Self.check(form.part, form) }
            }
        }
    }

    private static func begin(_ field: String, _ form: inout UploadForm) throws(RequestFailure) {
        guard values[field] != nil else {
            let shown = String(field.prefix(64))
            throw .invalid("`\(shown)` is not a field here; allowed are file, mediaType, fit", field: shown)
        }
        guard form.fields[field] == nil else { throw .invalid("`\(field)` must be given once", field: field) }
        form.fields[field] = []
    }

    private static func check(_ field: String, _ form: UploadForm) throws(RequestFailure) {
        guard let values = values[field], let text = form.text(field), !values.contains(text) else { return }
        throw .invalid("`\(field)` must be one of \(values.joined(separator: ", "))", field: field)
    }
}
