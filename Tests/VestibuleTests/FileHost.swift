import Foundation
import Synchronization

/// A web server on a free port of the loopback address that hands out files, one connection a request.
final class FileHost: Sendable {
    struct File: Sendable {
        let bytes: [UInt8]
        let type: String
    }

    private final class Asked: Sendable {
        let paths = Mutex<[String]>([])
    }

    var origin: String { listener.origin }
    var port: UInt16 { listener.port }
    /// How the server's settings let it through the address guard.
    var allowed: String { "127.0.0.1:\(port)" }
    /// Paths that were asked for.
    var requested: [String] { asked.paths.withLock { $0 } }

    private let listener: LoopbackListener
    private let asked: Asked

    private init(_ files: [String: File]) {
        let asked = Asked()
        self.asked = asked
        listener = LoopbackListener { connection in
            guard let path = LoopbackListener.target(of: connection) else { return }
            asked.paths.withLock { $0.append(path) }
            Self.answer(files[path], to: connection)
        }
    }

    /// - Parameter files: by path.
    static func run<Value>(_ files: [String: File], _ body: (FileHost) async throws -> Value) async throws -> Value {
        let host = FileHost(files)
        defer { host.listener.stop() }
        return try await body(host)
    }

    private static func answer(_ file: File?, to connection: Int32) {
        let bytes = file?.bytes ?? []
        let head =
            "HTTP/1.1 \(file == nil ? "404 Not Found" : "200 OK")\r\nContent-Type: \(file?.type ?? "text/plain")\r\n"
            + "Content-Length: \(bytes.count)\r\nConnection: close\r\n\r\n"
        LoopbackSocket.send(Array(head.utf8) + bytes, to: connection)
    }
}
