import Fetch

/// The verification request that Meta makes when an address is saved.
struct WebhookCheck: Sendable {
    let fetch: FetchClient

    /// - Returns: nil when the receiver gave the challenge back.
    func problem(of url: String, token: String) async -> String? {
        let challenge = String(Int.random(in: 1_000_000_000...9_999_999_999))
        let query = "hub.mode=subscribe&hub.challenge=\(challenge)&hub.verify_token=\(Self.encoded(token))"
        var request = FetchRequest(url: url + (url.contains("?") ? "&" : "?") + query)
        request.timeout = .seconds(10)
        request.maxResponseBytes = 1 << 16
        do throws(FetchError) {
            let answer = try await fetch.send(request)
            guard answer.status == 200 else { return "the address answered with HTTP status \(answer.status), not 200" }
            guard answer.body == Array(challenge.utf8) else { return "the answer was not the challenge" }
            return nil
        } catch {
            return "the address did not answer: \(error)"
        }
    }

    private static func encoded(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126: out.unicodeScalars.append(Unicode.Scalar(byte))
            default: out += "%" + Hex.text([byte]).uppercased()
            }
        }
        return out
    }
}
