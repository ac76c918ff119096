import Foundation
import Synchronization

/// A TCP connection that blocks whoever reads it, at most `patience` at a time.
final class StreamConnection: Sendable {
    struct Ended: Error {}

    /// Only a bound against hanging.
    private static let patience = timeval(tv_sec: 180, tv_usec: 0)

    private let descriptor: Int32
    private let buffer = Mutex<ArraySlice<UInt8>>([])

    /// - Parameter receiveBuffer: in bytes; nil: what the system gives.
    init(_ base: String, receiveBuffer: Int32? = nil) throws {
        guard let port = base.split(separator: ":").last.flatMap({ in_port_t($0) }) else { throw Ended() }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = Self.patience
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Ended() }
    }

    deinit { close(descriptor) }

    func shut() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Ended() }
            rest = rest.dropFirst(count)
        }
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
