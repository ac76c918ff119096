/// Checks tokens that were signed with the secret of one key.
package struct TokenVerifier: Sendable {
    private let key: APIKey

    /// Seconds by which the signer's clock may differ from ours; LiveKit's own allowance.
    private static let leeway: Int64 = 60

    package init(key: APIKey) { self.key = key }

    /// - Parameter now: milliseconds since 1970.
    package func verify(_ token: String, at now: Int64) throws(TokenError) -> AccessToken {
        let claims = try JWT.claims(of: token, key: key)
        guard claims["iss"]?.string == key.id else { throw .foreignIssuer }
        let now = Double(now) / 1000
        let leeway = Double(Self.leeway)
        // A token that never ends would be one that can't be taken back.
        guard let expiry = claims["exp"]?.double, expiry + leeway > now else { throw .expired }
        if let start = claims["nbf"] {
            guard let start = start.double else { throw .malformed }
            guard start - leeway <= now else { throw .notYetValid }
        }
        return AccessToken(claims: claims)
    }
}
