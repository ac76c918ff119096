import Foundation

/// What the simulated business account looks like and where its webhooks go.
///
/// Everything here is invented and harmless: the defaults are meant to be typed into a gateway under test.
package struct SimulatorSettings: Sendable {
    package var host = "127.0.0.1"
    /// 0 takes any free port; `Simulator.listening()` says which.
    package var port = 4000
    package var phoneNumberID = "200000000000101"
    /// Digits only, as webhooks show it.
    package var displayPhoneNumber = "15550200001"
    package var businessAccountID = "100000000000101"
    package var businessName = "Example Shop"
    package var appID = "130000000000101"
    package var accessToken = "simulator-token"
    /// Key of `X-Hub-Signature-256`; empty leaves the header out.
    package var appSecret = "simulator-secret"
    package var verifyToken = "simulator-verify"
    /// Where webhooks are posted; nil until one is set by `PUT /sim/webhook`, updates are dropped until then.
    package var webhookURL: String?
    /// Base of media URLs; nil means `http://host:port`.
    package var publicURL: String?
    /// Wait before `sent`, and again before `delivered` and before `read`.
    package var statusDelay: Duration = .milliseconds(150)
    /// Seconds that a media URL is good for, counted from when it was asked for.
    package var mediaURLLifetime = 300
    /// What every phone answers after it has read a message, unless the phone says otherwise.
    package var autoReply: String?
    /// Free-form messages outside the 24-hour window are accepted and then fail with 131047, as at Meta.
    package var enforceWindow = false
    /// Messages kept in memory; the oldest are dropped beyond that.
    package var messageLimit = 100_000
    /// Bytes of media kept in the temporary folder; the oldest are dropped beyond that.
    package var mediaLimit: Int64 = 512 * 1_048_576

    package init() {}
}
