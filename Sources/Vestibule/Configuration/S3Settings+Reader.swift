import Gateway

extension S3Settings {
    /// - Returns: nil without a bucket: files are then kept in the uploads folder.
    init?(_ reader: inout SettingsReader) {
        let endpoint = reader.text(.s3Endpoint, expected: "an http or https origin without a path") {
            WebAddress($0)?.isOrigin ?? false
        }.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        let bucket = reader.text(
            .s3Bucket, expected: "a bucket's name: 3 to 63 of a-z, 0-9, . and -", where: Self.isBucket)
        let region = reader.text(.s3Region, expected: "a region's name, as eu-central-1", where: Self.isRegion)
        let prefix = reader.text(.s3Prefix, expected: "letters, digits and - _ . between slashes, as vestibule/media/")
        {
            Self.isPrefix($0)
        }
        let pathStyle = reader.has(.s3PathStyle) ? reader.flag(.s3PathStyle) : nil
        guard reader.has(.s3Bucket) else {
            if endpoint != nil { reader.report(.s3Bucket, "is needed with S3_ENDPOINT") }
            return nil
        }
        for name in [SettingName.awsKeyID, .awsSecret] where !reader.has(name) {
            reader.report(name, "is needed with S3_BUCKET")
        }
        // The session token goes with the other two: alone it is somebody else's.
        let token = reader.secret(.awsSessionToken)
        guard let bucket, let key = reader.secret(.awsKeyID), let secret = reader.secret(.awsSecret) else { return nil }
        self.init(endpoint: endpoint, bucket: bucket, keyID: key.reveal(), secret: secret)
        if let region { self.region = region }
        if let prefix { self.prefix = prefix }
        if let pathStyle { usesPathStyle = pathStyle }
        sessionToken = token
    }

    private static func isBucket(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/) != nil
    }

    private static func isRegion(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9-]{1,40}/) != nil
    }

    /// No empty part, and none that a path would be shortened by.
    private static func isPrefix(_ text: String) -> Bool {
        text.utf8.count <= 200
            && text.wholeMatch(of: /([A-Za-z0-9_-][A-Za-z0-9._-]*\/)*([A-Za-z0-9_-][A-Za-z0-9._-]*)?/) != nil
    }
}
