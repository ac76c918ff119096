import Foundation

/// A listening socket on a free port of the loopback address. Each connection is handled on a thread of its own and
/// closed afterwards.
final class LoopbackListener: Sendable {
    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    private let socket: Int32

    init(_ handle: @escaping @Sendable (_ connection: Int32) -> Void) {
        let (socket, port) = LoopbackSocket.bound()
        precondition(listen(socket, 64) == 0, "no port to listen on")
        self.socket = socket
        self.port = port
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
}
