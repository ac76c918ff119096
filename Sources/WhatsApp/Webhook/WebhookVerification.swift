/// The answer to the GET with which Meta tries a callback URL before it saves it. That request bears no signature.
package enum WebhookVerification: Sendable, Hashable {
    /// Answer 200 with exactly this as the whole body.
    case challenge(String)
    /// The mode or the token is wrong.
    case refused
    /// One of the three parameters is missing, so this is no verification at all.
    case malformed

    /// - Parameters:
    ///   - mode: `hub.mode`, decoded like the others.
    ///   - token: `hub.verify_token`
    ///   - challenge: `hub.challenge`
    ///   - expected: the token that was set up; an empty one refuses everything.
    package static func answer(
        mode: String?, token: String?, challenge: String?, expected: Secret
    ) -> WebhookVerification {
        guard let mode, let token, let challenge, !challenge.isEmpty else { return .malformed }
        guard mode == "subscribe", !expected.isEmpty, expected.constantTimeEquals(token) else { return .refused }
        return .challenge(challenge)
    }
}
