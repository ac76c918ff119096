/// One outbound HTTP request.
package struct FetchRequest: Sendable {
    package var method: String
    /// Absolute, `http` or `https`.
    package var url: String
    /// Sent in this order. Names and values must be free of control characters. `Authorization` and `Cookie` are not
    /// repeated to another host when a redirect is followed; every other header is.
    package var headers: [(String, String)] = []
    package var body: FetchBody = .none
    /// From hand-over to the last byte of the answer, redirects and waiting for a free connection included.
    package var timeout: Duration = .seconds(30)
    /// For resolving the name, connecting and the TLS handshake.
    package var connectTimeout: Duration = .seconds(5)
    /// When set, a transfer slower than this is ended with `timedOut`.
    package var lowSpeed: FetchLowSpeed?
    /// The most bytes of body that `send` takes; one more is `tooLarge`.
    package var maxResponseBytes = 4 << 20
    /// How many redirects are followed; with 0 the answer 3xx itself is the response. From `https` only to `https`.
    package var redirects = 0
    /// Where the request, and each redirect, may go. `nil`: anywhere.
    package var addressGuard: AddressGuard?
    /// Whether sending the request twice does what sending it once does. Such a request is repeated on a fresh
    /// connection when a reused one turns out dead; any other ends with `connectionLost(requestSent: true)` instead.
    /// `nil`: as the method says (GET, HEAD, OPTIONS, TRACE, PUT, DELETE are; POST and PATCH are not).
    package var idempotent: Bool?
    /// Whose the request is, for services that want it signed.
    package var signature: FetchSignature?

    package init(method: String = "GET", url: String, headers: [(String, String)] = [], body: FetchBody = .none) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    var isIdempotent: Bool {
        idempotent ?? ["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"].contains(method)
    }
}

/// Fewer than `bytesPerSecond` on average over `period` is too slow.
package struct FetchLowSpeed: Sendable, Hashable {
    package var bytesPerSecond: Int
    package var period: Duration

    package init(bytesPerSecond: Int, period: Duration) {
        self.bytesPerSecond = bytesPerSecond
        self.period = period
    }
}

/// What a request carries. Files are read while they are sent, never held in memory.
package enum FetchBody: Sendable {
    case none
    case bytes([UInt8])
    case file(path: String)
    /// Some bytes of a file.
    case filePart(path: String, range: Range<Int64>)
    /// `multipart/form-data`; the `Content-Type` with its boundary is made here.
    case multipart([FetchPart])
}

/// One part of a multipart body.
package struct FetchPart: Sendable {
    package enum Content: Sendable {
        case bytes([UInt8])
        case file(path: String)
    }

    package var name: String
    package var content: Content
    /// What the receiver is told; a part without one is sent as a plain field, whatever its content.
    package var fileName: String?
    package var contentType: String?

    package init(name: String, content: Content, fileName: String? = nil, contentType: String? = nil) {
        self.name = name
        self.content = content
        self.fileName = fileName
        self.contentType = contentType
    }
}
