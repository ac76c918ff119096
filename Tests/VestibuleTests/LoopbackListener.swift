import Foundation

/// A listening socket on a free port of the loopback address. Each connection is handled on a thread of its own and
/// closed afterwards.
final class LoopbackListener: Sendable {
    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    private let socket: Int32

    init(_ handle: @escaping @Sendable (_ connection: Int32) -> Void) {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && listen(socket, 64) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        precondition(isListening, "no port to listen on")
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        // The thread ends when the socket is shut down.
        Thread.detachNewThread {
            defer { close(socket) }
            while true {
                let connection = accept(socket, nil, nil)
                guard connection >= 0 else { return }
                Thread.detachNewThread {
                    defer { close(connection) }
                    handle(connection)
                }
            }
        }
    }

    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    /// The target of the request that comes in; nil when it ends before its head does. Its body is not read.
    static func target(of connection: Int32) -> String? {
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while head.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            head += buffer[..<count]
        }
        let line = String(decoding: head, as: UTF8.self).split(separator: " ")
        return line.count > 1 ? String(line[1]) : nil
    }

    /// - Returns: false when the other side has heard enough.
    @discardableResult
    static func send(_ bytes: some Sequence<UInt8>, to connection: Int32) -> Bool {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
