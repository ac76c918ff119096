import Crypto
import Foundation

/// The key that an endpoint's deliveries are signed with, as Standard Webhooks 1.0 has it: `whsec_` and 24 to 64 bytes
/// in base64.
package struct EndpointSecret: Sendable {
    private static let prefix = "whsec_"

    package let text: String
    private let key: SymmetricKey

    /// - Throws: `.invalid`.
    package init(_ text: String) throws(GatewayError) {
        guard text.hasPrefix(Self.prefix), let data = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(data.count)
        else {
            throw GatewayError(
                .invalid, "`secret` must be whsec_ and 24 to 64 bytes in base64", data: ["field": "secret"])
        }
        self.text = text
        key = SymmetricKey(data: data)
    }

    static func make() throws(GatewayError) -> EndpointSecret {
        try EndpointSecret(
            prefix + SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() })
    }

    /// The headers of a delivery.
    /// - Parameter time: of this try, in milliseconds; receivers refuse what is minutes old.
    func headers(id: String, time: Milliseconds, body: [UInt8]) -> [(String, String)] {
        let seconds = String(time / 1000)
        var signed = Data("\(id).\(seconds).".utf8)
        signed.append(contentsOf: body)
        let code = Data(HMAC<SHA256>.authenticationCode(for: signed, using: key)).base64EncodedString()
        return [("webhook-id", id), ("webhook-timestamp", seconds), ("webhook-signature", "v1,\(code)")]
    }
}
