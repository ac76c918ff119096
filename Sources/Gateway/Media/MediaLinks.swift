import Crypto
import Foundation
import JSON
import SQL
import WhatsApp

/// Links to media that expire: the path with `expires`, in seconds since 1970, and a signature over name and expiry.
/// They are made when an answer is; what is stored bears no signature.
package struct MediaLinks: Sendable {
    package enum Verdict: Sendable, Hashable {
        case valid(secondsLeft: Int64)
        case expired
        case forged
    }

    private static let secretName = "media-links"

    /// The first signs, all are good for what was signed.
    private let keys: [SymmetricKey]
    private let lifetime: Int64
    private let clock: Clock

    /// - Parameter secrets: without any, a key that all gateways on this database share.
    static func open(
        lifetime: Int64, secrets: [Secret], database: Database, clock: Clock
    ) async throws -> MediaLinks {
        guard secrets.isEmpty else {
            let keys = secrets.map { SymmetricKey(data: SHA256.hash(data: Data($0.reveal().utf8))) }
            return MediaLinks(keys: keys, lifetime: lifetime, clock: clock)
        }
        let shared = try await SharedSecret.find(secretName, in: database, at: clock.now()) {
            SymmetricKey(size: .bits256).withUnsafeBytes { Data($0).base64EncodedString() }
        }
        guard let data = Data(base64Encoded: shared), data.count == 32 else {
            throw GatewayError(.internalError, "the key of media links in the database can't be read")
        }
        return MediaLinks(keys: [SymmetricKey(data: data)], lifetime: lifetime, clock: clock)
    }

    init(keys: [SymmetricKey], lifetime: Int64, clock: Clock) {
        self.keys = keys
        self.lifetime = lifetime
        self.clock = clock
    }

    /// The path with a signature that holds for `lifetime` seconds, or up to a tenth less: within a tenth of it a link
    /// stays the same, so that a browser asks for a file once. A path that names no stored file is left as it is.
    package func signed(_ path: String) -> String {
        guard let name = MediaName.inPath(path) else { return path }
        let step = max(1, lifetime / 10)
        let expiry = String(clock.now() / 1000 / step * step + lifetime)
        let code = HMAC<SHA256>.authenticationCode(for: Self.text(name, expiry), using: keys[0])
        return "\(path)?expires=\(expiry)&signature=\(Data(code).base64URL)"
    }

    /// A message as the API shows it, with the link to its file signed.
    func signed(in message: JSON) -> JSON {
        guard let url = message["mediaUrl"]?.string, var object = message.object else { return message }
        object["mediaUrl"] = .string(signed(url))
        return .object(object)
    }

    package func judge(name: String, expires: String?, signature: String?) -> Verdict {
        guard let expires, let signature, let code = Data(base64URL: signature),
            keys.contains(where: { key in
                HMAC<SHA256>.isValidAuthenticationCode(
                    code, authenticating: Self.text(name, expires), using: key)
            }), let expiry = Int64(expires)
        else { return .forged }
        let left = expiry - clock.now() / 1000
        return left > 0 ? .valid(secondsLeft: left) : .expired
    }

    private static func text(_ name: String, _ expires: String) -> Data { Data("media\n\(name)\n\(expires)".utf8) }
}

extension Message {
    /// The message as the API shows it, its file's link signed where links are.
    package func json(links: MediaLinks?) -> JSON {
        links?.signed(in: json()) ?? json()
    }
}

extension Data {
    /// RFC 4648, §5, without padding.
    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    fileprivate init?(base64URL text: String) {
        guard text.utf8.count == 43, !text.contains("+"), !text.contains("/") else { return nil }
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + "=")
    }
}
