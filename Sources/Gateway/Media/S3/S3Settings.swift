import WhatsApp

/// A bucket for media in S3-compatible object storage.
package struct S3Settings: Sendable {
    /// An origin without a trailing slash; nil for Amazon's own of the region.
    package var endpoint: String?
    package var bucket: String
    package var region = "us-east-1"
    /// Stands before every name: letters, digits, and any of `/ - _ .`
    package var prefix = ""
    /// Whether the bucket is named in the path instead of in the host.
    package var usesPathStyle: Bool
    package var keyID: String
    package var secret: Secret
    package var sessionToken: Secret?

    package init(endpoint: String?, bucket: String, keyID: String, secret: Secret) {
        self.endpoint = endpoint
        self.bucket = bucket
        self.keyID = keyID
        self.secret = secret
        // A bucket's dots fit no certificate.
        usesPathStyle = endpoint != nil || bucket.contains(".")
    }

    private var origin: String { endpoint ?? "https://s3.\(region).amazonaws.com" }

    /// The bucket itself, without a trailing slash.
    var bucketURL: String {
        guard !usesPathStyle, let end = origin.firstRange(of: "://")?.upperBound else { return "\(origin)/\(bucket)" }
        return "\(origin[..<end])\(bucket).\(origin[end...])"
    }

    func key(_ name: String) -> String { prefix + name }
}
