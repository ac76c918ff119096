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

    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    /// Path and query of each request, in the order in which they came.
    var targets: [String] { received.withLock { $0 } }

    private let listener: Int32
    private let received = Mutex<[String]>([])

    init(_ answer: @escaping @Sendable (_ target: String) -> Reply) throws {
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

    private func serve(_ answer: @escaping @Sendable (String) -> Reply) {
        defer { close(listener) }
        while true {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else { return }
            Thread.detachNewThread { [self] in
                defer { close(connection) }
                guard let target = Self.target(connection) else { return }
                received.withLock { $0.append(target) }
                Self.write(answer(target), to: connection)
            }
        }
    }

    /// Reads the whole request, so that closing the connection resets nothing, and gives what stands behind the method.
    private static func target(_ connection: Int32) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var wanted: Int?
        while bytes.count < wanted ?? .max {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
            guard wanted == nil, let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { continue }
            let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
            let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            wanted = end + (length.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) } ?? 0)
        }
        let line = bytes.prefix { $0 != UInt8(ascii: "\r") }.split(separator: UInt8(ascii: " "))
        return line.count == 3 ? String(decoding: line[1], as: UTF8.self) : nil
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
