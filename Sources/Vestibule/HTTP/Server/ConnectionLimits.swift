import Gateway
import HTTPTypes
import NIOCore

/// What one connection, and all of them together, may take, whoever is at the other end.
enum ConnectionLimits {
    static let headBytes = 64 * 1024
    static let headFields = 200
    /// From the first byte of a request to the end of its head.
    static let headTime: TimeAmount = .seconds(10)
    /// From the end of the head to the end of the body.
    static let bodyTime: TimeAmount = .seconds(30)
    /// For the rest of a body whose request has been answered without it.
    static let drainTime: TimeAmount = .seconds(5)
    /// Between two requests.
    static let idleTime: TimeAmount = .seconds(60)
    /// How long a reader may take nothing of an answer.
    static let stallTime: TimeAmount = .seconds(60)
    /// After a refusal, for the other side to read it.
    static let lingerTime: TimeAmount = .seconds(1)
    static let connections = 10_000

    static let webhookBody = 4 * 1024 * 1024
    static let apiBody = 1024 * 1024
    /// Of a send with its file in it.
    static let fileBody = 4 * 1024 * 1024
    /// A file, and the form around it.
    static let uploadBody = Int(UploadService.limit) + 64 * 1024
    static let uploadTime: TimeAmount = .minutes(10)
    /// All that is being read, of every connection together.
    static let bodiesInMemory = 256 * 1024 * 1024

    /// From the end of this head to the end of its body.
    static func bodyTime(of head: HTTPRequest) -> TimeAmount { isUpload(head) ? uploadTime : bodyTime }

    /// The largest body that any answer to this head would take.
    static func largestBody(of head: HTTPRequest) -> Int { isUpload(head) ? uploadBody : webhookBody }

    private static func isUpload(_ head: HTTPRequest) -> Bool {
        head.method == .post && head.path?.split(separator: "?").first.map(String.init) == UploadRoutes.path
    }
}
