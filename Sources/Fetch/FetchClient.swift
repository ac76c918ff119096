import Logging

/// Outbound HTTP/1.1 with pooled connections, on one thread of its own. No cookies, proxies, credential files or
/// decompression. Cancelling the task ends its transfer.
///
/// Callers bound how many requests they have under way; beyond `connections` they wait, within their own timeout.
package final class FetchClient: Sendable {
    private let loop: FetchLoop
    private let userAgent: String
    private let logger: Logger

    package init(userAgent: String, logger: Logger, connections: Int = 256) {
        self.userAgent = userAgent
        self.logger = logger
        loop = FetchLoop(connections: connections)
    }

    deinit { loop.close() }

    /// The answer, of whatever status, with its body of at most `maxResponseBytes`.
    package func send(_ request: FetchRequest) async throws(FetchError) -> FetchResponse {
        let answer = try await answer(to: request, FetchSink(limit: request.maxResponseBytes))
        return FetchResponse(
            status: answer.status, headers: answer.headers, body: answer.body, finalURL: answer.finalURL)
    }

    /// Writes the body of a 2xx answer, at most `limit` bytes, into a file created at `path` with mode 0600. After an
    /// error or any other status there is no file. `maxResponseBytes` doesn't count here.
    /// - Throws: `fileSystem` also when `path` exists already; that file stays as it is.
    package func download(_ request: FetchRequest, to path: String, limit: Int64) async throws(FetchError)
        -> FetchDownload
    {
        let file = try DownloadFile(path: path)
        let answer: FetchAnswer
        do throws(FetchError) {
            answer = try await self.answer(to: request, FetchSink(file: file, limit: limit))
        } catch {
            file.discard()
            throw error
        }
        guard (200..<300).contains(answer.status) else {
            file.discard()
            return FetchDownload(
                status: answer.status, headers: answer.headers, size: 0, sha256: [], finalURL: answer.finalURL,
                errorBody: answer.body)
        }
        let digest = try file.finish()
        return FetchDownload(
            status: answer.status, headers: answer.headers, size: file.size, sha256: digest,
            finalURL: answer.finalURL)
    }

    /// Ends what is under way with `cancelled`, as it does whatever is asked afterwards.
    package func close() { loop.close() }

    private func answer(to request: FetchRequest, _ sink: FetchSink) async throws(FetchError) -> FetchAnswer {
        let transfer = try FetchSetup.transfer(request, userAgent: userAgent, sink: sink)
        let start = ContinuousClock.now
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                loop.start(transfer)
            }
        } onCancel: {
            loop.cancel(transfer)
        }
        if logger.logLevel <= .debug {
            let result =
                switch outcome {
                case .success(let answer): "\(answer.status)"
                case .failure(let error): "\(error)"
                }
            logger.debug(
                "request ended",
                metadata: ["fetch.result": "\(result)", "fetch.duration": "\(ContinuousClock.now - start)"])
        }
        return try outcome.get()
    }
}
