/// Why a token is not made, or not believed.
package enum TokenError: Error, Hashable, Sendable {
    /// To be made: it would hold for no time, or longer than a token may.
    case lifeOutOfBounds
    /// To be made: for joining, without a room or an identity.
    case incomplete
    /// No JWT, or larger than any of LiveKit's.
    case malformed
    /// Signed by another algorithm, or with another secret.
    case badSignature
    /// Signed well, but in another key's name.
    case foreignIssuer
    /// Its time has passed; also when it says no time.
    case expired
    case notYetValid
}
