import Crypto
import Foundation
import WhatsApp

/// Seals credentials that the database keeps, with AES-256-GCM under `ENCRYPTION_KEY`. What is sealed is bound to its
/// owner: moved to another row it can't be opened. Without a key everything stands as it is.
package struct SecretBox: Sendable {
    private struct Key: Sendable {
        let id: String
        let key: SymmetricKey
    }

    private static let mark = "sealed:"

    /// The first one seals, all open.
    private let keys: [Key]

    /// - Parameter keys: each 32 bytes in base64; others are left out.
    package init(_ keys: [Secret]) {
        self.keys = keys.compactMap { secret in
            guard let bytes = Data(base64Encoded: secret.reveal()), bytes.count == 32 else { return nil }
            let id = String(SHA256.hash(data: bytes).hexadecimal.prefix(8))
            return Key(id: id, key: SymmetricKey(data: bytes))
        }
    }

    package func seal(_ secret: Secret, of owner: String) throws -> String {
        guard let first = keys.first else { return secret.reveal() }
        let box = try AES.GCM.seal(
            Data(secret.reveal().utf8), using: first.key, authenticating: Data(owner.utf8))
        guard let combined = box.combined else { return secret.reveal() }
        return "\(Self.mark)\(first.id):\(combined.base64EncodedString())"
    }

    /// - Throws: `.internalError` when the key is not there, or it is another owner's.
    package func open(_ stored: String, of owner: String) throws(GatewayError) -> Secret {
        guard stored.hasPrefix(Self.mark) else { return Secret(stored) }
        let parts = stored.dropFirst(Self.mark.count).split(separator: ":", maxSplits: 1)
        guard parts.count == 2, let key = keys.first(where: { $0.id == parts[0] })?.key else {
            throw GatewayError(.internalError, "ENCRYPTION_KEY lacks the key that a secret was sealed with")
        }
        guard let bytes = Data(base64Encoded: String(parts[1])), let box = try? AES.GCM.SealedBox(combined: bytes),
            let text = try? AES.GCM.open(box, using: key, authenticating: Data(owner.utf8))
        else {
            // What is wrong with it makes no difference.
            throw GatewayError(.internalError, "a sealed secret was changed")
        }
        return Secret(String(decoding: text, as: UTF8.self))
    }

    /// Whether sealing it anew would change how it is kept.
    package func isCurrent(_ stored: String) -> Bool {
        guard let first = keys.first else { return true }
        return stored.hasPrefix("\(Self.mark)\(first.id):")
    }
}
