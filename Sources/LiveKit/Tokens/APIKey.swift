import Crypto
import Foundation

/// A key of a LiveKit server and its secret, which signs and checks tokens and shows itself nowhere.
package struct APIKey: Sendable {
    /// As in `API3kJ…`; the issuer of a token.
    package let id: String
    private let key: SymmetricKey

    package init(id: String, secret: String) {
        self.id = id
        key = SymmetricKey(data: Data(secret.utf8))
    }

    /// HMAC-SHA256, 32 bytes.
    func signature(of text: String) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: key))
    }

    /// Compares in constant time.
    func isSignature(_ signature: Data, of text: some StringProtocol) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(signature, authenticating: Data(text.utf8), using: key)
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "API key \(id)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["id": id]) }
}
