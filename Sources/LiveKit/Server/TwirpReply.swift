import Fetch
import Foundation
import JSON

/// Reads what a Twirp server answered.
struct TwirpReply {
    private let response: FetchResponse
    private let json: JSON?

    init(_ response: FetchResponse) {
        self.response = response
        // A body that is no JSON is an answer of its own: LiveKit's refusals of a token are plain text.
        json = try? JSON(parsing: response.body, mode: .lenient)
    }

    /// - Parameter silence: whether nobody answering the server means that nobody is in the room.
    func object(silence: Bool) throws(ServerError) -> JSON {
        if response.status == 200 {
            guard let json, json.object != nil else { throw .unexpected(status: 200, "no JSON object") }
            return json
        }
        let code = json?["code"]?.string
        let words = Self.redacted(json?["msg"]?.string ?? String(decoding: response.body.prefix(2048), as: UTF8.self))
        switch (response.status, code) {
        case (401, _), (403, _): throw .unauthenticated(words)
        case (404, "not_found"): throw .notFound
        case (503, "unavailable") where silence && words.contains("no response from servers"): throw .nobodyInRoom
        case (429, _), (500..., _): throw .unavailable(status: response.status, words)
        case (400..<500, let code?): throw .refused(code: Self.redacted(code), words)
        default: throw .unexpected(status: response.status, words)
        }
    }

    /// Foreign words for a log: short, on one line, and without anything that could be a part of a token. LiveKit
    /// quotes the whole of a token that it can't read.
    static func redacted(_ text: String) -> String {
        let printable = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
        let kept = printable.replacing(/[A-Za-z0-9_\-.=+\/~]{24,}/, with: "<redacted>")
        return String(kept.trimmingCharacters(in: .whitespaces).prefix(200))
    }
}
