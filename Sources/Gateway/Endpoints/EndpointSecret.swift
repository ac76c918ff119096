import Crypto
import Foundation
import WhatsApp

/// The key that an endpoint's deliveries are signed with, as Standard Webhooks 1.0 has it: `whsec_` and 24 to 64 bytes
/// in base64.
package struct EndpointSecret: Sendable {
    private static let prefix = "whsec_"
    package static let expected = "must be whsec_ and 24 to 64 bytes in base64"

    package let text: Secret
    private let key: SymmetricKey

    /// - Returns: nil for what is none.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(data.count)
        else { return nil }
        self.text = Secret(text)
        key = SymmetricKey(data: data)
    }

    /// A new one.
    package init() {
        key = SymmetricKey(size: .bits256)
        text = Secret(Self.prefix + key.withUnsafeBytes { Data($0).base64EncodedString() })
    }

    func signature(id: String, seconds: String, body: [UInt8]) -> String {
        var signed = Data("\(id).\(seconds).".utf8)
        signed.append(contentsOf: body)
        return "v1," + Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
    }
}
