import CCurl

/// Turns a request into a transfer: checks it, opens its files, sets libcurl's options.
enum FetchSetup {
    /// Servers close idle connections, mostly after a minute or more; a request that must not be sent twice takes one
    /// only while it is surely younger, so that it seldom meets a dead one. Seconds.
    private static let idleForUnrepeatable = 15
    private static let idleForRepeatable = 60

    static func transfer(_ request: FetchRequest, userAgent: String, sink: FetchSink) throws(FetchError)
        -> FetchTransfer
    {
        let url = try FetchURL(request.url)
        if let addressGuard = request.addressGuard, !addressGuard.permits(url) { throw .addressNotAllowed }
        guard !request.method.isEmpty, request.method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw .other("the method must be of capital letters")
        }

        let easy = try CurlEasy()
        easy.set(CURLOPT_URL, request.url)
        easy.set(CURLOPT_USERAGENT, userAgent)
        setSafety(easy)
        setTimes(easy, request)
        setRedirects(easy, request, scheme: url.scheme)
        let files = try setBody(easy, request)
        easy.set(headers: try headerLines(request))
        setSignature(easy, request)

        let transfer = FetchTransfer(easy: easy, request: request, bodyFiles: files, sink: sink)
        setCallbacks(easy, context: Unmanaged.passUnretained(transfer).toOpaque())
        guard easy.problem == CURLE_OK else {
            throw .other("libcurl refuses an option: \(String(cString: curl_easy_strerror(easy.problem)))")
        }
        return transfer
    }

    private static func setSafety(_ easy: CurlEasy) {
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // A proxy of the environment would connect in the guard's stead.
        easy.set(CURLOPT_PROXY, "")
        // HTTP/2 repeats refused streams by itself and shares one connection's fate among many requests.
        easy.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
        // Or ending a transfer that is still resolving would wait for the resolver, and all others with it.
        easy.set(CURLOPT_QUICK_EXIT, 1)
        easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        easy.set(CURLOPT_BUFFERSIZE, 64 << 10)
    }

    private static func setTimes(_ easy: CurlEasy, _ request: FetchRequest) {
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.curlMilliseconds)
        easy.set(CURLOPT_MAXAGE_CONN, request.isIdempotent ? idleForRepeatable : idleForUnrepeatable)
        if let slow = request.lowSpeed {
            easy.set(CURLOPT_LOW_SPEED_LIMIT, max(1, slow.bytesPerSecond))
            easy.set(CURLOPT_LOW_SPEED_TIME, max(1, slow.period.curlMilliseconds / 1000))
        }
    }

    private static func setRedirects(_ easy: CurlEasy, _ request: FetchRequest, scheme: String) {
        guard request.redirects > 0 else { return }
        var schemes = request.addressGuard?.schemes ?? ["https", "http"]
        if scheme == "https" { schemes.remove("http") }
        easy.set(CURLOPT_FOLLOWLOCATION, 1)
        easy.set(CURLOPT_MAXREDIRS, request.redirects)
        easy.set(CURLOPT_REDIR_PROTOCOLS_STR, schemes.sorted().joined(separator: ","))
    }

    private static func setSignature(_ easy: CurlEasy, _ request: FetchRequest) {
        guard let signature = request.signature else { return }
        easy.set(CURLOPT_AWS_SIGV4, "aws:amz:\(signature.region):\(signature.service)")
        easy.set(CURLOPT_USERNAME, signature.keyID)
        easy.set(CURLOPT_PASSWORD, signature.secret)
    }

    private static func setBody(_ easy: CurlEasy, _ request: FetchRequest) throws(FetchError) -> [BodyFile] {
        var files: [BodyFile] = []
        switch request.body {
        case .none:
            if request.method == "HEAD" {
                easy.set(CURLOPT_NOBODY, 1)
                return []
            }
            // These want a Content-Length even of nothing.
            guard ["POST", "PUT", "PATCH"].contains(request.method) else { break }
            easy.set(body: [])
        case .bytes(let bytes):
            easy.set(body: bytes)
        case .file(let path):
            let file = try BodyFile(path: path)
            easy.set(file: file)
            files = [file]
        case .filePart(let path, let range):
            let file = try BodyFile(path: path, range: range)
            easy.set(file: file)
            files = [file]
        case .multipart(let parts):
            for part in parts {
                try checkText([part.name, part.fileName ?? "", part.contentType ?? ""])
                var file: BodyFile?
                if case .file(let path) = part.content { file = try BodyFile(path: path) }
                easy.add(part: part, file: file)
                if let file { files.append(file) }
            }
            easy.finishParts()
        }
        let natural = if case .none = request.body, request.method != "POST" { "GET" } else { "POST" }
        if request.method != natural { easy.set(CURLOPT_CUSTOMREQUEST, request.method) }
        return files
    }

    private static func headerLines(_ request: FetchRequest) throws(FetchError) -> [String] {
        var lines: [String] = []
        for (name, value) in request.headers {
            try checkText([name, value])
            guard !name.isEmpty, !name.utf8.contains(where: { ":; \t".utf8.contains($0) }) else {
                throw .other("a header's name can't be sent")
            }
            // "Name:" would take the header away; "Name;" is libcurl's word for an empty one.
            lines.append(value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)")
        }
        if let signature = request.signature {
            try checkText([signature.bodyHash, signature.sessionToken ?? ""])
            lines.append("X-Amz-Content-Sha256: \(signature.bodyHash)")
            if let token = signature.sessionToken { lines.append("X-Amz-Security-Token: \(token)") }
            // libcurl 7.88 would sign a header that is only taken away.
            return lines
        }
        let names = Set(request.headers.map { $0.0.lowercased() })
        // No second's wait for a "100 Continue", and no invented form type.
        if !names.contains("expect") { lines.append("Expect:") }
        if !names.contains("content-type") {
            if case .multipart = request.body {} else { lines.append("Content-Type:") }
        }
        return lines
    }

    private static func checkText(_ texts: [String]) throws(FetchError) {
        let isControl = { (byte: UInt8) in (byte < 0x20 && byte != 0x09) || byte == 0x7F }
        guard !texts.contains(where: { $0.utf8.contains(where: isControl) }) else {
            throw .other("a header or a part's name holds a control character")
        }
    }
}

extension Duration {
    /// At least one, since libcurl takes 0 for its own default or for no limit; at most what fits 32 bits.
    var curlMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return Int(max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
}
