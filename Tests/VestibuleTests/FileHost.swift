import Foundation
import Synchronization

/// A web server on a free port of the loopback address that hands out files, one connection a request.
final class FileHost: Sendable {
    struct File: Sendable {
        let bytes: [UInt8]
        let type: String
    }

    let port: UInt16
    var origin: String { "http://127.0.0.1:\(port)" }
    /// How the server's settings let it through the address guard.
    var allowed: String { "127.0.0.1:\(port)" }
    /// Paths that were asked for.
    var requested: [String] { asked.withLock { $0 } }

    private let files: [String: File]
    private let socket: Int32
    private let asked = Mutex<[String]>([])

    private init(_ files: [String: File]) {
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
        self.files = files
        self.socket = socket
        port = UInt16(bigEndian: address.sin_port)
        // The thread holds the server and ends when the socket is shut down.
        Thread.detachNewThread { [self] in serve() }
    }

    /// - Parameter files: by path.
    static func run<Value>(_ files: [String: File], _ body: (FileHost) async throws -> Value) async throws -> Value {
        let host = FileHost(files)
        defer { shutdown(host.socket, Int32(SHUT_RDWR)) }
        return try await body(host)
    }

    private func serve() {
        defer { close(socket) }
        while true {
            let connection = accept(socket, nil, nil)
            guard connection >= 0 else { return }
            if let path = Self.readPath(connection) {
                asked.withLock { $0.append(path) }
                Self.answer(files[path], to: connection)
            }
            close(connection)
        }
    }

    private static func readPath(_ connection: Int32) -> String? {
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

    private static func answer(_ file: File?, to connection: Int32) {
        let bytes = file?.bytes ?? []
        let head =
            "HTTP/1.1 \(file == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: \(file?.type ?? "text/plain")\r\n"
            + "Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
        var rest = (Array(head.utf8) + bytes)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // The other side has heard enough.
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
