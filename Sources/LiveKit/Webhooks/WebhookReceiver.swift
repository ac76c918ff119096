import Crypto
import Foundation
import JSON

/// Believes a webhook when its token is signed with our secret and names the hash of the very bytes that came.
package struct WebhookReceiver: Sendable {
    package enum Refusal: Error, Hashable, Sendable {
        /// No `Authorization`.
        case unsigned
        case badToken(TokenError)
        /// A good token, but for another body, or for no webhook.
        case otherBody
        /// Signed well, but no event.
        case noEvent
    }

    private let verifier: TokenVerifier

    package init(key: APIKey) {
        verifier = TokenVerifier(key: key)
    }

    /// - Parameters:
    ///   - authorization: the header; LiveKit writes the token alone, without `Bearer`.
    ///   - body: the raw bytes.
    ///   - now: milliseconds since 1970.
    package func receive(
        authorization: String?, body: [UInt8], at now: Int64
    ) throws(Refusal) -> WebhookEvent {
        guard let authorization, !authorization.isEmpty else { throw .unsigned }
        let scheme = "bearer "
        let hasScheme = authorization.lowercased().hasPrefix(scheme)
        let claims: AccessToken
        do throws(TokenError) {
            let jwt = hasScheme ? String(authorization.dropFirst(scheme.count)) : authorization
            claims = try verifier.verify(jwt, at: now)
        } catch {
            throw .badToken(error)
        }
        // The digest's own comparison takes the same time for every content.
        guard let hash = claims.bodyHash.flatMap({ Data(base64Encoded: $0) }), SHA256.hash(data: body) == hash else {
            throw .otherBody
        }
        // Where it is broken is of no use: LiveKit takes any answer of 4xx as delivered.
        guard let json = try? JSON(parsing: body, mode: .lenient), let event = WebhookEvent(json) else {
            throw .noEvent
        }
        return event
    }
}
