import Foundation
import Synchronization

/// A TCP connection that blocks whoever reads it, at most `patience` at a time.
final class StreamConnection: Sendable {
    struct Ended: Error {}

    /// In seconds; only a bound against hanging.
    private static let patience = 180

    private let descriptor: Int32
    private let buffer = Mutex<ArraySlice<UInt8>>([])
    private let sending = Mutex(())

    /// - Parameter receiveBuffer: in bytes; nil: what the system gives.
    init(_ base: String, receiveBuffer: Int32? = nil) throws {
        let connection = LoopbackSocket.connection(to: base, patience: Self.patience, receiveBuffer: receiveBuffer)
        guard let connection else { throw Ended() }
        descriptor = connection
    }

    deinit { close(descriptor) }

    func shut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// Says that nothing more will be sent, and reads on.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// As a whole, whoever else sends.
    func send(_ bytes: [UInt8]) throws {
        let isSent = sending.withLock { _ in LoopbackSocket.send(bytes, to: descriptor) }
        guard isSent else { throw Ended() }
    }

    /// The head of an answer.
    func head() throws -> String {
        var text = ""
        while !text.hasSuffix("\r\n\r\n") { text += String(decoding: try bytes(1), as: UTF8.self) }
        return text
    }

    /// All that comes until the other side closes.
    func rest() throws -> String {
        var text: [UInt8] = []
        while let byte = try? bytes(1) { text += byte }
        return String(decoding: text, as: UTF8.self)
    }

    /// One line without its end.
    func line() throws -> String {
        var line: [UInt8] = []
        while true {
            let byte = try bytes(1)[0]
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            if byte != UInt8(ascii: "\r") { line.append(byte) }
        }
    }

    /// - Throws: `Ended` when the other side closes before.
    func bytes(_ count: Int) throws -> [UInt8] {
        while buffer.withLock({ $0.count }) < count {
            var chunk = [UInt8](repeating: 0, count: 65_536)
            let received = recv(descriptor, &chunk, chunk.count, 0)
            guard received > 0 else { throw Ended() }
            buffer.withLock { [chunk] in $0 += chunk[..<received] }
        }
        return buffer.withLock { buffer in
            defer { buffer = buffer.dropFirst(count) }
            return Array(buffer.prefix(count))
        }
    }
}
