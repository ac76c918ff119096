import Fetch

/// One part of a form.
enum FormPart: Sendable {
    case field(String, String)
    case file([UInt8], name: String?, type: String)

    fileprivate var part: FetchPart {
        switch self {
        case .field(let name, let value): FetchPart(name: name, content: .bytes(Array(value.utf8)))
        case .file(let bytes, let name, let type):
            FetchPart(name: "file", content: .bytes(bytes), fileName: name, contentType: type)
        }
    }
}

extension Site {
    /// Posts a form to `/media`.
    func upload(_ parts: [FormPart], headers: [(String, String)] = []) async throws -> FetchResponse {
        var request = FetchRequest(method: "POST", url: base + "/media", headers: headers)
        request.body = .multipart(parts.map(\.part))
        request.timeout = .seconds(240)
        return try await fetch.send(request)
    }
}
