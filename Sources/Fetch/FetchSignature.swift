/// Signs a request with AWS Signature Version 4. The URL's path must be encoded once and its query sorted by name, each
/// name with a "=": libcurl signs them as they stand. A request with a body needs a `Content-Type`.
package struct FetchSignature: Sendable {
    /// As `s3`.
    let service: String
    let region: String
    let keyID: String
    let secret: String
    /// With credentials that are for a time.
    let sessionToken: String?
    /// SHA-256 of the body in hexadecimal.
    let bodyHash: String

    package init(
        service: String, region: String, keyID: String, secret: String, sessionToken: String? = nil, bodyHash: String
    ) {
        self.service = service
        self.region = region
        self.keyID = keyID
        self.secret = secret
        self.sessionToken = sessionToken
        self.bodyHash = bodyHash
    }
}

extension FetchSignature: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
