import Foundation
import JSON
import Synchronization

/// A WebSocket to a server on this machine, frame by frame, so that it can also say what no proper client would. A
/// thread of its own reads.
final class SocketClient: Sendable {
    enum Heard: Sendable, Hashable {
        case text(String)
        case ping, pong
        case close(code: Int, reason: String)
        /// The connection ended without, or after, a close.
        case end
    }

    struct Refused: Error {
        let status: Int
        let answer: String
        var json: JSON { (try? JSON(parsing: Array(answer.utf8))) ?? .null }  // null is what tests then see
    }

    private let connection: StreamConnection
    private let heard: AsyncStream<Heard>

    /// - Parameter isReading: false never reads a byte after the handshake.
    /// - Throws: `Refused` for any other answer than 101.
    init(
        _ base: String, _ path: String, headers: [(String, String)] = [], version: String = "13", isReading: Bool = true
    ) throws {
        connection = try StreamConnection(base, receiveBuffer: isReading ? nil : 4096)
        var head = "GET \(path) HTTP/1.1\r\nHost: \(base.dropFirst("http://".count))\r\nConnection: Upgrade\r\n"
        head += "Upgrade: websocket\r\nSec-WebSocket-Version: \(version)\r\n"
        head += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        try connection.send(Array((head + "\r\n").utf8))
        let answer = try connection.head()
        let status = Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
        guard status == 101 else { throw Refused(status: status, answer: try connection.rest()) }
        // The example of RFC 6455, §1.3.
        guard answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=") else { throw Refused(status: 0, answer: answer) }
        let (stream, continuation) = AsyncStream.makeStream(of: Heard.self)
        heard = stream
        guard isReading else { return }
        let connection = connection
        Thread.detachNewThread {
            while let frame = try? Self.frame(connection) {
                // Or whoever only listens for a minute would be taken for gone.
                if frame == .ping { try? connection.send([0x8A, 0x80, 1, 2, 3, 4]) }
                continuation.yield(frame)
            }
            continuation.yield(.end)
            continuation.finish()
        }
    }

    deinit { connection.shut() }

    /// Leaves without a word.
    func drop() { connection.shut() }

    /// Says that nothing more will be sent, and reads on.
    func endSending() { connection.endSending() }

    /// - Parameter first: the frame's first byte: whether it is the last of its message, and its kind.
    func send(_ data: [UInt8], first: UInt8 = 0x81, masked: Bool = true, announcing length: Int? = nil) throws {
        let length = length ?? data.count
        var frame = [first]
        let mask: UInt8 = masked ? 0x80 : 0
        if length < 126 {
            frame.append(mask | UInt8(length))
        } else if length < 65_536 {
            frame += [mask | 126, UInt8(length >> 8), UInt8(length & 255)]
        } else {
            frame.append(mask | 127)
            frame += (0..<8).map { UInt8(truncatingIfNeeded: length >> (56 - 8 * $0)) }
        }
        if masked {
            let key: [UInt8] = [1, 2, 3, 4]
            frame += key + data.enumerated().map { $1 ^ key[$0 % 4] }
        } else {
            frame += data
        }
        try connection.send(frame)
    }

    func send(_ json: JSON) throws { try send(json.encoded()) }

    /// What comes next of what the test cares for.
    func next(where isWanted: (Heard) -> Bool = { $0 != .ping }) async -> Heard {
        for await heard in heard where isWanted(heard) { return heard }
        return .end
    }

    /// The next text, or null when there is none any more.
    func text() async -> JSON {
        guard case .text(let text) = await next() else { return .null }
        return (try? JSON(parsing: Array(text.utf8))) ?? .null  // as above
    }

    /// The answer to the command of this id; events that come before it are left out.
    func answer(to id: String) async -> JSON {
        while true {
            let text = await text()
            if text == .null || (text["id"]?.string == id) { return text }
        }
    }

    /// How the server closed.
    func closed() async -> Heard {
        await next {
            if case .close = $0 { return true }
            return $0 == .end
        }
    }

    private static func frame(_ connection: StreamConnection) throws -> Heard {
        let head = try connection.bytes(2)
        var length = Int(head[1] & 0x7F)
        if length == 126 {
            length = try connection.bytes(2).reduce(0) { $0 << 8 | Int($1) }
        } else if length == 127 {
            length = try connection.bytes(8).reduce(0) { $0 << 8 | Int($1) }
        }
        let data = try connection.bytes(length)
        switch head[0] & 0x0F {
        case 8:
            let code = data.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            return .close(code: code, reason: String(decoding: data.dropFirst(2), as: UTF8.self))
        case 9: return .ping
        case 10: return .pong
        default: return .text(String(decoding: data, as: UTF8.self))
        }
    }
}
