import Foundation
import JSON

/// Body of `POST /sim/phones/{number}/messages`: exactly one kind of content, and what goes with it.
struct CustomerOrder: Sendable {
    private enum Content: Sendable {
        case ready(CustomerWords)
        case media(kind: String, bytes: [UInt8], mimeType: String, fileName: String?, caption: String?)
    }

    private static let mediaKinds = ["image", "video", "audio", "voice", "document", "sticker"]
    private static let mediaFields = ["base64", "sample", "mimeType", "fileName", "caption"]
    private static let kinds =
        ["text"] + mediaKinds + [
            "location", "contacts", "buttonReply", "listReply", "flowReply", "templateButton", "reaction", "order",
            "raw",
        ]

    private var content: Content
    let profile: PhoneEdit?

    init(_ body: JSON) throws(FieldError) {
        let body = try Self.unfolded(body)
        let reader = try FieldReader(body, allowed: Self.kinds + ["replyTo", "forwarded", "profile"])
        let given = Self.kinds.filter { reader.has($0) }
        guard given.count == 1 else {
            let problem = given.isEmpty ? "needs one of" : "must hold only one of"
            throw FieldError(field: "", problem: "\(problem) \(Self.kinds.joined(separator: ", "))")
        }
        profile = try reader.object("profile").map { value throws(FieldError) in
            try PhoneEdit(value, path: "profile")
        }
        let kind = given[0]
        if Self.mediaKinds.contains(kind) {
            content = try Self.media(kind, reader.requiredReader(kind, allowed: Self.mediaFields))
        } else {
            content = .ready(try Self.words(kind, reader))
        }
        replyTo = try reader.string("replyTo", 1...1024)
        forwarded = try reader.bool("forwarded") ?? false
    }

    private let replyTo: String?
    private let forwarded: Bool

    /// Puts media on the shelf and makes the message of it.
    func words(core: SimulatorCore) async throws(ControlError) -> CustomerWords {
        var words: CustomerWords
        switch content {
        case .ready(let ready): words = ready
        case .media(let kind, let bytes, let mimeType, let fileName, let caption):
            let entry: MediaEntry
            do {
                entry = try await core.shelf.add(bytes, mimeType: mimeType, fileName: fileName)
            } catch {
                throw ControlError(status: 500, code: "STORAGE", message: "the file could not be kept: \(error)")
            }
            words = CustomerWords(
                type: kind == "voice" ? "audio" : kind,
                content: .fields([
                    "caption": .text(caption),
                    "filename": kind == "document" ? .text(fileName) : nil,
                    "mime_type": .string(mimeType),
                    "sha256": .string(entry.sha256Base64),
                    "id": .string(entry.id),
                    "url": .string(MediaNode.url(of: entry, core: core) + "&source=webhook"),
                    "voice": kind == "voice" ? true : kind == "audio" ? false : nil,
                    "animated": kind == "sticker" ? false : nil,
                ]),
                summary: caption ?? fileName)
        }
        if let replyTo { words.replyTo = replyTo }
        words.forwarded = forwarded
        return words
    }

    /// `{"type":"image","sample":true}` says the same as `{"image":{"sample":true}}`.
    private static func unfolded(_ body: JSON) throws(FieldError) -> JSON {
        guard var object = body.object, let type = object["type"], !type.isNull else { return body }
        guard let kind = type.string, mediaKinds.contains(kind) || kind == "text" else {
            throw FieldError(
                field: "type",
                problem: "must be text or one of \(mediaKinds.joined(separator: ", ")); give other "
                    + "content under its own name")
        }
        object["type"] = nil
        guard kind != "text" else { return .object(object) }
        var inner = JSONObject()
        for field in mediaFields {
            inner[field] = object[field]
            object[field] = nil
        }
        object[kind] = .object(inner)
        return .object(object)
    }

    private static func media(_ kind: String, _ reader: FieldReader) throws(FieldError) -> Content {
        let sample = SampleMedia.of(kind)
        var bytes: [UInt8]
        if let base64 = try reader.string("base64", 0...140_000_000) {
            guard let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters) else {
                throw reader.error("base64", "is not Base64")
            }
            bytes = [UInt8](data)
        } else {
            guard try reader.bool("sample") == true, let sample else {
                throw reader.error("base64", "must be given, or `sample` true")
            }
            bytes = sample.bytes
        }
        let isSample = !reader.has("base64")
        let mimeType = try reader.string("mimeType", 1...256)
        let fileName = try reader.string("fileName", 0...1024)
        return .media(
            kind: kind, bytes: bytes, mimeType: mimeType ?? sample?.mimeType ?? "application/octet-stream",
            fileName: fileName ?? (isSample && kind == "document" ? sample?.fileName : nil),
            caption: try reader.string("caption", 0...4096))
    }

    private static func words(_ kind: String, _ reader: FieldReader) throws(FieldError) -> CustomerWords {
        switch kind {
        case "text":
            let text = try reader.requiredString("text", 1...4096)
            return CustomerWords(type: "text", content: ["body": .string(text)], summary: text)
        case "location":
            let place = try reader.requiredReader(
                "location", allowed: ["latitude", "longitude", "name", "address", "url"])
            let name = try place.string("name", 0...1000)
            return CustomerWords(
                type: "location",
                content: .fields([
                    "latitude": .number(try place.requiredNumber("latitude", -90...90)),
                    "longitude": .number(try place.requiredNumber("longitude", -180...180)),
                    "name": .text(name), "address": .text(try place.string("address", 0...1000)),
                    "url": .text(try place.string("url", 0...2000)),
                ]), summary: name)
        case "contacts":
            let cards = try reader.requiredArray("contacts", count: 1...257)
            return CustomerWords(
                type: "contacts", content: .array(cards), summary: cards.first?["name"]?["formatted_name"]?.string)
        case "buttonReply", "listReply":
            let answer = try reader.requiredReader(kind, allowed: ["id", "title", "description"])
            let title = try answer.requiredString("title", 1...256)
            let type = kind == "buttonReply" ? "button_reply" : "list_reply"
            let reply: JSON = .fields([
                "id": .string(try answer.requiredString("id", 1...256)), "title": .string(title),
                "description": .text(try answer.string("description", 0...256)),
            ])
            return CustomerWords(
                type: "interactive", content: .fields(["type": .string(type), type: reply]), summary: title)
        case "flowReply":
            let data = try reader.requiredObject("flowReply")
            return CustomerWords(
                type: "interactive",
                content: [
                    "type": "nfm_reply",
                    "nfm_reply": ["name": "flow", "body": "Sent", "response_json": .string(data.text)],
                ], summary: "Sent")
        case "templateButton":
            let button = try reader.requiredReader("templateButton", allowed: ["text", "payload"])
            let text = try button.requiredString("text", 1...256)
            return CustomerWords(
                type: "button",
                content: ["payload": .string(try button.string("payload", 0...1024) ?? text), "text": .string(text)],
                summary: text)
        case "reaction":
            let reaction = try reader.requiredReader("reaction", allowed: ["messageId", "emoji"])
            let emoji = try reaction.string("emoji", 0...64)
            return CustomerWords(
                type: "reaction",
                content: .fields([
                    "message_id": .string(try reaction.requiredString("messageId", 1...1024)),
                    "emoji": emoji == "" ? nil : .text(emoji),
                ]), summary: emoji)
        case "order":
            return CustomerWords(type: "order", content: try reader.requiredObject("order"), summary: nil)
        default:
            let raw = try reader.requiredObject("raw").object ?? [:]
            let type = raw["type"]?.string ?? ""
            var words = CustomerWords(type: type, content: raw[type] ?? .null, summary: raw["text"]?["body"]?.string)
            words.raw = raw
            words.id = raw["id"]?.string
            return words
        }
    }
}
