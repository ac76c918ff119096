import Foundation

/// A TCP connection to a server on this machine, for requests that no HTTP client would send. It blocks, for at most
/// `patience`.
final class RawConnection {
    struct Failure: Error {
        let problem: String
    }

    private static let patience = timeval(tv_sec: 20, tv_usec: 0)

    private let descriptor: Int32

    /// - Parameter base: `http://127.0.0.1:` and the port.
    init(_ base: String) throws {
        guard let port = base.split(separator: ":").last.flatMap({ in_port_t($0) }) else {
            throw Failure(problem: "no port in \(base)")
        }
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var patience = Self.patience
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Failure(problem: "connect: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(problem: "send: \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Says that nothing more will be sent.
    func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// All that comes until the server closes.
    func answer() throws -> String {
        var text: [UInt8] = []
        while let more = try receive() { text += more }
        return String(decoding: text, as: UTF8.self)
    }

    /// What comes next; nil when the server has closed.
    func receive() throws -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw Failure(problem: "recv: \(errno)") }
        return count == 0 ? nil : Array(buffer[..<count])
    }
}
