import Foundation

/// A TCP connection to a server on this machine, for requests that no HTTP client would send. It blocks, for at most
/// `patience`.
final class RawConnection {
    struct Failure: Error {
        let problem: String
    }

    /// In seconds.
    private static let patience = 20

    private let descriptor: Int32

    /// - Parameter base: `http://127.0.0.1:` and the port.
    init(_ base: String) throws {
        guard let connection = LoopbackSocket.connection(to: base, patience: Self.patience) else {
            throw Failure(problem: "no connection to \(base): \(errno)")
        }
        descriptor = connection
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        guard LoopbackSocket.send(text.utf8, to: descriptor) else { throw Failure(problem: "send: \(errno)") }
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// All that comes until the server closes.
    func answer() throws -> String {
        var text: [UInt8] = []
        while let more = try receive() { text += more }
        return String(decoding: text, as: UTF8.self)
    }

    /// What comes next; nil when the server has closed.
    func receive() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(problem: "recv: \(errno)") }
        return count == 0 ? nil : Array(buffer[..<count])
    }
}
