import Gateway
import HTTPTypes
import Hummingbird
import WhatsApp

/// Lets a request through that bears one of the keys, as `Authorization: Bearer …` or `X-API-Key: …`.
struct APIKeys: Sendable {
    /// Empty when the server runs without keys.
    let keys: [Secret]

    func check(_ headers: HTTPFields) throws(RequestFailure) {
        guard !keys.isEmpty else { return }
        guard let presented = Self.presented(headers) else {
            throw Self.refusal("this needs an API key, as `Authorization: Bearer …` or `X-API-Key: …`")
        }
        // Every key is compared whatever the outcome, so the time taken tells nothing.
        var matches = 0
        for key in keys where key.constantTimeEquals(presented) { matches += 1 }
        guard matches > 0 else { throw Self.refusal("the API key is not one of this server's") }
    }

    private static func presented(_ headers: HTTPFields) -> [UInt8]? {
        if let key = headers[.apiKey] { return Array(key.utf8) }
        guard let authorization = headers[.authorization] else { return nil }
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return Array(parts[1].utf8)
    }

    private static func refusal(_ message: String) -> RequestFailure {
        RequestFailure(GatewayError(.unauthorized, message))
    }
}
