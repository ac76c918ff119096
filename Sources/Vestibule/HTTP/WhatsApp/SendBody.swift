import Gateway
import Hummingbird
import JSON
import WhatsApp

/// What a request's body asks to be sent: to a phone number, or into a room (then with a sender, and perhaps as a
/// private note).
enum SendBody {
    private static let contentFields = [
        "text", "mediaUrl", "mediaType", "fileName", "caption", "voice", "fit", "previewUrl", "reaction", "template",
        "interactive", "location", "contacts",
    ]
    private static let commonFields = ["replyTo", "metadata"]
    /// As compact JSON, in bytes.
    private static let metadataLimit = 4096

    static func toPhone(_ body: JSON) throws(FieldError) -> (phoneNumber: PhoneNumber, draft: Draft) {
        let reader = try FieldReader(body, allowed: ["phoneNumber"] + contentFields + commonFields)
        guard let phoneNumber = PhoneNumber(try reader.requiredString("phoneNumber", 1...64)) else {
            throw reader.error("phoneNumber", "must be a phone number in E.164 form, as +15550100001")
        }
        return (phoneNumber, try draft(reader, body))
    }

    static func toRoom(_ body: JSON) throws(FieldError) -> Draft {
        let reader = try FieldReader(body, allowed: contentFields + commonFields + ["sender", "private"])
        var draft = try draft(reader, body)
        draft.sender = try sender(reader)
        draft.isPrivate = try reader.bool("private") ?? false
        guard draft.isPrivate else { return draft }
        guard case .text = draft.content else { throw reader.error("private", "is possible with text alone") }
        return draft
    }

    private static func draft(_ reader: FieldReader, _ body: JSON) throws(FieldError) -> Draft {
        var draft = Draft(
            content: try SendContent(reader, body).content, mediaURL: try SendContent.mediaURL(reader),
            replyTo: try reader.string("replyTo", 1...512), metadata: try metadata(reader), sender: nil,
            isPrivate: false)
        draft.fits = try SendContent.fits(reader)
        return draft
    }

    private static func metadata(_ reader: FieldReader) throws(FieldError) -> JSON? {
        guard let metadata = try reader.object("metadata") else { return nil }
        guard metadata.encoded().count <= metadataLimit else {
            throw reader.error("metadata", "must be at most \(metadataLimit) bytes as JSON")
        }
        return metadata
    }

    private static func sender(_ reader: FieldReader) throws(FieldError) -> Draft.Sender? {
        guard let sender = try reader.reader("sender", allowed: ["id", "name", "type"]) else { return nil }
        return Draft.Sender(
            id: try sender.string("id", 1...255), name: try sender.string("name", 1...255),
            type: try sender.string("type", 1...64))
    }
}

extension Request {
    /// The body of a send, which may hold the file itself; apart from that it may be as large as any other.
    func sendObject() async throws -> JSON {
        do {
            let (json, size) = try await sizedObject(limit: ConnectionLimits.fileBody)
            let file = json["mediaUrl"]?.string.flatMap { SendContent.isDataURL($0) ? $0.utf8.count : nil }
            guard size - (file ?? 0) <= ConnectionLimits.apiBody else {
                throw RequestFailure.tooLarge(limit: ConnectionLimits.apiBody)
            }
            return json
        } catch var failure as RequestFailure where failure.status == .contentTooLarge {
            failure.message += "; a larger file goes up by POST \(UploadRoutes.path)"
            throw failure
        }
    }
}
