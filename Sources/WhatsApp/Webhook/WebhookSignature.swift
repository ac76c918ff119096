import Crypto

/// The header `X-Hub-Signature-256`: `sha256=` and the HMAC-SHA256 of the raw body under the app's secret, in hex.
package enum WebhookSignature {
    /// Whether one of the secrets made the signature; several while a secret is being exchanged.
    /// Compares in constant time. An empty secret signs nothing.
    package static func isValid(header: String?, body: some Collection<UInt8>, secrets: [Secret]) -> Bool {
        guard let header, let digest = digest(header) else { return false }
        let body = Array(body)
        var isValid = false
        for secret in secrets where !secret.isEmpty {
            let key = SymmetricKey(data: Array(secret.reveal().utf8))
            if HMAC<SHA256>.isValidAuthenticationCode(digest, authenticating: body, using: key) { isValid = true }
        }
        return isValid
    }

    private static func digest(_ header: String) -> [UInt8]? {
        let prefix = "sha256="
        guard header.hasPrefix(prefix) else { return nil }
        let digits = Array(header.utf8.dropFirst(prefix.utf8.count))
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(SHA256.byteCount)
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let high = nibble(digits[place]), let low = nibble(digits[place + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
