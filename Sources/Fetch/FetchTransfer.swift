import CCurl
import Synchronization

/// One request on its way. Made on the caller's task, then touched by the loop's thread alone, which is what makes it
/// safe to hand over; `isCancelled` is the one thing both sides see.
final class FetchTransfer: @unchecked Sendable {
    typealias Outcome = Result<FetchAnswer, FetchError>

    let easy: CurlEasy
    let isCancelled = Atomic<Bool>(false)
    /// The end of the request's `timeout`, which also counts the waiting for a turn.
    let deadline: ContinuousClock.Instant
    var continuation: CheckedContinuation<Outcome, Never>?

    private let addressGuard: AddressGuard?
    private let isIdempotent: Bool
    private let isHead: Bool
    /// libcurl holds their addresses.
    private let bodyFiles: [BodyFile]

    private var sink: FetchSink
    private var head = FetchHead()
    /// A connection was ready and libcurl about to write: from here on a byte may have reached the other side.
    private var requestSent = false
    private var answerBegun = false
    /// What a callback stopped the transfer for.
    private var failure: FetchError?
    private var isSatisfied = false
    private var isBlocked = false

    init(easy: CurlEasy, request: FetchRequest, bodyFiles: [BodyFile], sink: FetchSink) {
        self.easy = easy
        self.bodyFiles = bodyFiles
        self.sink = sink
        deadline = .now + min(request.timeout, .seconds(1_000_000))
        addressGuard = request.addressGuard
        isIdempotent = request.isIdempotent
        isHead = request.method == "HEAD"
    }

    // MARK: What libcurl asks and tells

    /// Whether the address may be connected to.
    func mayConnect(to address: IPAddress?, port: Int) -> Bool {
        guard let addressGuard else { return true }
        if let address, let url = try? FetchURL(easy.effectiveURL),  // one that can't be read goes nowhere
            addressGuard.permits(host: url.host, address: address, port: port)
        {
            return true
        }
        isBlocked = true
        return false
    }

    /// Called before each sending of the request on a connection, new or reused.
    ///
    /// When a reused connection dies before any byte of an answer, libcurl sends the request once more on a fresh one,
    /// whatever its method (`Curl_retry_request` in 7.88, with no option against it before 8.16), though the other side
    /// may well have acted on the first. A second call without an answer in between tells such a repetition.
    func maySend(to address: IPAddress?, port: Int) -> Bool {
        if requestSent, !answerBegun, !isIdempotent {
            failure = .connectionLost(requestSent: true)
            return false
        }
        // A reused connection was never shown to `mayConnect` for this request.
        guard mayConnect(to: address, port: port) else {
            failure = .addressNotAllowed
            return false
        }
        requestSent = true
        answerBegun = false
        head.expectAnswer()
        return true
    }

    /// - Returns: whether to go on.
    func received(headerLine line: UnsafeRawBufferPointer) -> Bool {
        answerBegun = true
        switch head.take(line) {
        case .more:
            return true
        case .overlong:
            failure = .other("the answer's headers are longer than \(FetchHead.limit) bytes")
            return false
        case .complete:
            failure = isHead ? nil : sink.refusal(status: head.status, announced: head.contentLength)
            return failure == nil
        }
    }

    /// - Returns: whether to go on.
    func received(body bytes: UnsafeRawBufferPointer) -> Bool {
        answerBegun = true
        switch sink.take(bytes, status: head.status) {
        case .more: return true
        case .enough: isSatisfied = true
        case .failed(let error): failure = error
        }
        return false
    }

    // MARK: The end

    func finish(_ outcome: Outcome) {
        continuation?.resume(returning: outcome)
        continuation = nil
    }

    func outcome(of code: CURLcode) -> Outcome {
        if let failure { return .failure(failure) }
        if code == CURLE_OK || isSatisfied {
            return .success(
                FetchAnswer(status: head.status, headers: head.headers, body: sink.body, finalURL: easy.effectiveURL))
        }
        return .failure(error(for: code))
    }

    private func error(for code: CURLcode) -> FetchError {
        let error = cause(of: code)
        // A redirect's next hop failed before its own sending; the first request was sent all the same.
        return requestSent && !error.requestSent && !isIdempotent ? .connectionLost(requestSent: true) : error
    }

    private func cause(of code: CURLcode) -> FetchError {
        switch code {
        case CURLE_URL_MALFORMAT:
            return requestSent ? .other("the answer redirects to no readable URL") : .invalidURL("can't be read")
        case CURLE_UNSUPPORTED_PROTOCOL:
            // Of an answer without a head it means HTTP/0.9.
            if requestSent, (300..<400).contains(head.status) { return .addressNotAllowed }
            return requestSent ? .other("the answer is no HTTP") : .invalidURL("has a scheme that is not allowed")
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            return .couldNotResolve
        case CURLE_COULDNT_CONNECT:
            return isBlocked ? .addressNotAllowed : .couldNotConnect
        case CURLE_OPERATION_TIMEDOUT:
            return .timedOut(requestSent: requestSent)
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_CERTPROBLEM, CURLE_SSL_INVALIDCERTSTATUS,
            CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ENGINE_INITFAILED:
            return .tls(easy.explanation(of: code))
        case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_PARTIAL_FILE:
            return .connectionLost(requestSent: requestSent)
        case CURLE_TOO_MANY_REDIRECTS:
            return .tooManyRedirects
        case CURLE_READ_ERROR, CURLE_ABORTED_BY_CALLBACK, CURLE_SEND_FAIL_REWIND:
            return bodyFiles.isEmpty ? .other(easy.explanation(of: code)) : .fileSystem("the body can't be read")
        default:
            return .other(easy.explanation(of: code))
        }
    }
}

/// What came back, less where the body went.
struct FetchAnswer: Sendable {
    let status: Int
    let headers: FetchHeaders
    let body: [UInt8]
    let finalURL: String
}
