import HTTPTypes

extension HTTPField.Name {
    static let apiKey = HTTPField.Name("X-API-Key")!
    static let requestID = HTTPField.Name("X-Request-Id")!
    static let idempotencyKey = HTTPField.Name("Idempotency-Key")!
    static let idempotencyReplayed = HTTPField.Name("Idempotency-Replayed")!
    static let hubSignature = HTTPField.Name("X-Hub-Signature-256")!
    static let xAccelRedirect = HTTPField.Name("X-Accel-Redirect")!
    static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
    static let lastEventID = HTTPField.Name("Last-Event-ID")!
    static let xAccelBuffering = HTTPField.Name("X-Accel-Buffering")!
    static let referrerPolicy = HTTPField.Name("Referrer-Policy")!
}
