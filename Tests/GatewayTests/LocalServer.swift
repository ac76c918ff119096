import Foundation
import Synchronization

/// An HTTP/1.1 server on a free port of the loopback address that answers each request by a closure, one connection a
/// request. The closure has a thread of its own and may block: that is how a test holds an answer back.
final class LocalServer: Sendable {
    struct Reply: Sendable {
        var status = 200
        var headers: [(String, String)] = []
        var body: [UInt8] = []
    }

    struct Request: Sendable {
        /// Path and query.
        let target: String
        /// By name in lower case; of several of one name the last.
        let headers: [String: String]
        let body: [UInt8]
    }

    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    /// Path and query of each request, in the order in which they came.
    var targets: [String] { received.withLock { $0 } }

    private let listener: Int32
    private let received = Mutex<[String]>([])

    convenience init(_ answer: @escaping @Sendable (_ target: String) -> Reply) throws {
        try self.init(handler: { answer($0.target) })
    }

    /// - Parameter answer: nil ends the connection without an answer.
    static func answering(_ answer: @escaping @Sendable (Request) -> Reply?) throws -> LocalServer {
        try LocalServer(handler: answer)
    }

    private init(handler answer: @escaping @Sendable (Request) -> Reply?) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [self] in serve(answer) }
    }

    /// Wakes the waiting `accept`, whose thread then closes the socket.
    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ answer: @escaping @Sendable (Request) -> Reply?) {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { [self] in
                defer { close(connection) }
                guard let request = Self.request(connection) else { return }
                received.withLock { $0.append(request.target) }
                if let reply = answer(request) { Self.write(reply, to: connection) }
            }
        }
    }

    /// Reads the whole request, so that closing the connection resets nothing.
    private static func request(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        func receive() -> Bool {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count > 0 { bytes += buffer[..<count] }
            return count > 0
        }
        while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            guard receive() else { return nil }
        }
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        let line = lines[0].split(separator: " ")
        let fields = lines.dropFirst().compactMap { field in
            field.firstIndex(of: ":").map { colon in
                (field[..<colon].lowercased(), field[colon...].dropFirst().trimmingCharacters(in: .whitespaces))
            }
        }
        let headers = Dictionary(fields) { $1 }
        while bytes.count < end.upperBound + (headers["content-length"].flatMap { Int($0) } ?? 0) {
            guard receive() else { return nil }
        }
        guard line.count == 3 else { return nil }
        return Request(target: String(line[1]), headers: headers, body: Array(bytes[end.upperBound...]))
    }

    private static func write(_ reply: Reply, to connection: Int32) {
        var head = "HTTP/1.1 \(reply.status) Reply\r\nContent-Length: \(reply.body.count)\r\nConnection: close\r\n"
        for (name, value) in reply.headers { head += "\(name): \(value)\r\n" }
        var bytes = Array((head + "\r\n").utf8)[...] + reply.body
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
