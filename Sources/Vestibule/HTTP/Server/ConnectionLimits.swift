import NIOCore

/// What one connection may take, whoever is at its other end.
enum ConnectionLimits {
    static let headBytes = 64 * 1024
    static let headFields = 200
    /// From the first byte of a request to the end of its head.
    static let headTime: TimeAmount = .seconds(10)
    /// From the end of the head to the end of the body.
    static let bodyTime: TimeAmount = .seconds(30)
    /// Between two requests.
    static let idleTime: TimeAmount = .seconds(60)
    /// How long a reader may take nothing of an answer.
    static let stallTime: TimeAmount = .seconds(60)
    /// After a refusal, for the other side to read it.
    static let lingerTime: TimeAmount = .seconds(1)
    static let connections = 10_000

    static let webhookBody = 4 * 1024 * 1024
    static let apiBody = 1024 * 1024
}
