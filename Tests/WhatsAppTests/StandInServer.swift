import Foundation
import Synchronization

/// An HTTP/1.1 server on a free port of the loopback address that answers each request by a closure, one connection a
/// request, and keeps what it was asked.
final class StandInServer: Sendable {
    struct Request: Sendable {
        let method: String
        /// Path and query, as sent.
        let target: String
        let headers: [String: String]
        let body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Reply: Sendable {
        case answer(status: Int, headers: [(String, String)] = [], body: [UInt8] = [])
        /// The connection ends without an answer.
        case hangUp

        static func json(_ text: String, status: Int = 200) -> Reply {
            .answer(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
        }
    }

    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    var requests: [Request] { received.withLock { $0 } }

    private let socket: Int32
    private let received = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) -> Reply) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        precondition(isListening, "no port to listen on")
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        // The server's closure is held by the thread, which ends with `stop`.
        Thread.detachNewThread { [self] in serve(answer) }
    }

    /// Wakes the waiting `accept`, whose thread then closes the socket.
    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve(_ answer: @Sendable (Request) -> Reply) {
        defer { close(socket) }
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { return }
            if let request = Self.read(connection) {
                received.withLock { $0.append(request) }
                Self.write(answer(request), to: connection)
            }
            close(connection)
        }
    }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var head: (request: [Substring], headers: [String: String], length: Int)?
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            if head == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = parts.last.map { $0.drop { $0 == " " } }.map(String.init)
                }
                bytes.removeSubrange(..<end.upperBound)
                head = (lines[0].split(separator: " "), headers, Int(headers["content-length"] ?? "0") ?? 0)
            }
            if let head, bytes.count >= head.length {
                return Request(
                    method: String(head.request[0]), target: String(head.request[1]), headers: head.headers, body: bytes
                )
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }

    private static func write(_ reply: Reply, to connection: Int32) {
        guard case .answer(let status, let headers, let body) = reply else { return }
        var head = "HTTP/1.1 \(status) Reply\r\nContent-Length: \(body.count)\r\nConnection: close\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        var bytes = Array((head + "\r\n").utf8)[...] + body
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
