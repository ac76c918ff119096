import JSON

extension OutgoingContent {
    package static let textLength = 1...4096

    /// - Parameter path: of the field that holds `body`.
    package static func text(body: String, previewURL: Bool, path: String) throws(FieldError) -> OutgoingContent {
        let members: JSONObject = [path: .string(body)]
        let reader = try FieldReader(.object(members), allowed: [path])
        return .text(body: try reader.requiredString(path, textLength), previewURL: previewURL)
    }

    /// - Parameter value: `{body, preview_url?}`
    package static func text(from value: JSON, path: String) throws(FieldError) -> OutgoingContent {
        let reader = try FieldReader(value, path: path, allowed: ["body", "preview_url"])
        let body = try reader.requiredString("body", textLength)
        return .text(body: body, previewURL: try reader.bool("preview_url") ?? false)
    }
}
