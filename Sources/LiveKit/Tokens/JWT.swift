import Foundation
import JSON

/// The compact form of a JSON Web Token, signed with HS256 and nothing else (RFC 7515, 7519).
enum JWT {
    /// LiveKit lets metadata be 64,000 bytes, and so may attributes be.
    static let mostBytes = 256 << 10

    private static let header = Data(#"{"alg":"HS256","typ":"JWT"}"#.utf8).base64URL

    static func signed(_ claims: JSON, by key: APIKey) -> String {
        let signed = "\(header).\(Data(claims.encoded()).base64URL)"
        return "\(signed).\(key.signature(of: signed).base64URL)"
    }

    /// The claims of a token, once its signature has been found right. Nothing of what it claims is checked.
    static func claims(of token: String, key: APIKey) throws(TokenError) -> JSON {
        guard token.utf8.count <= mostBytes else { throw .malformed }
        let parts = token.split(separator: ".", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Data(base64URL: parts[2]) else { throw .malformed }
        // The header is read after the signature, but never chooses how that is checked.
        guard key.isSignature(signature, of: token[..<parts[1].endIndex]) else { throw .badSignature }
        guard try object(parts[0])["alg"] == "HS256" else { throw .badSignature }
        return try object(parts[1])
    }

    private static func object(_ part: Substring) throws(TokenError) -> JSON {
        // Why it is no JSON is of no use to anybody: the token is refused.
        guard let data = Data(base64URL: part), let json = try? JSON(parsing: data, maxDepth: 16),
            json.object != nil
        else { throw .malformed }
        return json
    }
}

extension Data {
    /// RFC 4648, §5, without padding.
    fileprivate var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    fileprivate init?(base64URL text: Substring) {
        guard !text.contains(where: { $0 == "+" || $0 == "/" || $0 == "=" }) else { return nil }
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        self.init(base64Encoded: text.replacing("-", with: "+").replacing("_", with: "/") + padding)
    }
}
