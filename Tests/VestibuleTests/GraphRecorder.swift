import Foundation
import JSON
import Synchronization

/// Meta's `POST /{number}/messages`, which takes everything and keeps what it was asked.
final class GraphRecorder: Sendable {
    private let listener: LoopbackListener
    private let book: Book

    private final class Book: Sendable {
        let requests = Mutex([(path: String, body: JSON)]())
    }

    var origin: String { listener.origin }
    var bodies: [JSON] { book.requests.withLock { $0.map(\.body) } }
    var paths: Set<String> { book.requests.withLock { Set($0.map(\.path)) } }

    init() {
        let book = Book()
        self.book = book
        listener = LoopbackListener { connection in
            guard let (path, body) = Self.request(on: connection) else { return }
            let number = book.requests.withLock { requests in
                requests.append((path, body))
                return requests.count
            }
            let answer = #"{"success":true,"messages":[{"id":"wamid.sent\#(number)"}]}"#
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close"
            LoopbackSocket.send(
                "\(head)\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)".utf8, to: connection)
        }
    }

    func stop() { listener.stop() }

    private static func request(on connection: Int32) -> (path: String, body: JSON)? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            if let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
                let length =
                    head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst("content-length:".count).trimmingCharacters(in: .whitespaces)) } ?? 0
                if bytes.count >= end.upperBound + length {
                    let path = head.split(separator: " ").dropFirst().first.map(String.init) ?? ""
                    return (path, (try? JSON(parsing: bytes[end.upperBound...])) ?? .null)  // null is what tests see
                }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
