import Foundation
import JSON

/// A stream of server-sent events, as a browser reads it. A thread of its own reads.
final class StreamClient: Sendable {
    struct Event: Sendable {
        var id: String?
        var type = ""
        var data = JSON.null
    }

    private let connection: StreamConnection
    let events: AsyncStream<Event>
    let head: String

    /// - Throws: `SocketClient.Refused` for any other answer than 200.
    init(_ base: String, _ path: String, headers: [(String, String)] = []) throws {
        connection = try StreamConnection(base)
        var request =
            "GET \(path) HTTP/1.1\r\nHost: \(base.dropFirst("http://".count))\r\nAccept: text/event-stream\r\n"
        for (name, value) in headers { request += "\(name): \(value)\r\n" }
        try connection.send(Array((request + "Connection: close\r\n\r\n").utf8))
        head = try connection.head()
        guard head.hasPrefix("HTTP/1.1 200 ") else {
            let status = Int(head.split(separator: " ").dropFirst().first ?? "") ?? 0
            throw SocketClient.Refused(status: status, answer: try connection.rest())
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        events = stream
        let connection = connection
        Thread.detachNewThread {
            try? Self.read(connection) { continuation.yield($0) }  // it ends with the connection
            continuation.finish()
        }
    }

    deinit { connection.shut() }

    func drop() { connection.shut() }

    /// Says that nothing more will be sent, and reads on.
    func endSending() { connection.endSending() }

    /// Lines of the body; those that tell a chunk's length are hexadecimal digits alone.
    private static func read(_ connection: StreamConnection, _ tell: (Event) -> Void) throws {
        var event = Event()
        var text = ""
        while true {
            // A chunk is a whole number of lines here, except that its end is one more.
            let length = Int(try connection.line(), radix: 16) ?? 0
            guard length > 0 else { return }
            text += String(decoding: try connection.bytes(length), as: UTF8.self)
            _ = try connection.bytes(2)
            while let end = text.firstIndex(of: "\n") {
                let line = text[..<end]
                if line.isEmpty {
                    if event.data != .null { tell(event) }
                    event = Event()
                } else if line.hasPrefix("id: ") {
                    event.id = String(line.dropFirst(4))
                } else if line.hasPrefix("event: ") {
                    event.type = String(line.dropFirst(7))
                } else if line.hasPrefix("data: ") {
                    event.data = (try? JSON(parsing: Array(line.dropFirst(6).utf8))) ?? .null  // null is what tests see
                }
                text = String(text[text.index(after: end)...])
            }
        }
    }
}
