import Foundation
import Synchronization

/// A way to an HTTP server on which things go wrong as the test says, one connection a request.
final class FaultProxy: Sendable {
    enum Fault: Sendable {
        /// The proxy answers itself.
        case answer(String)
        /// The connection ends before the server sees anything.
        case cut
        /// The server does what it was asked; its answer never arrives.
        case loseAnswer
    }

    let port: UInt16
    private let serverPort: UInt16
    private let listener: Int32
    private let fault: @Sendable (String) -> Fault?
    private let seen = Mutex<[String]>([])

    /// - Parameter fault: what happens to a request, by its first line, as `PUT /x HTTP/1.1`; nil: nothing.
    init(to serverPort: UInt16, fault: @escaping @Sendable (String) -> Fault?) throws {
        self.serverPort = serverPort
        self.fault = fault
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = Self.local(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) { [listener] pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        guard isListening else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [self] in
            defer { close(listener) }
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [self] in serve(client) }
            }
        }
    }

    /// The first lines of all requests so far.
    var requests: [String] { seen.withLock { $0 } }

    func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        defer { close(client) }
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array("\r\n\r\n".utf8)) == nil {
            guard Self.receive(client, &bytes) else { return }
        }
        let head = String(decoding: bytes, as: UTF8.self)
        let line = String(head.prefix { $0 != "\r\n" })
        seen.withLock { $0.append(line) }
        switch fault(line) {
        case .answer(let answer):
            Self.drain(client, head, &bytes)
            Self.write(Array(answer.utf8), to: client)
        case .cut:
            return
        case .loseAnswer:
            forward(bytes, from: client, answers: false)
        case nil:
            forward(bytes, from: client, answers: true)
        }
    }

    /// Reads the body that comes unasked: closing before would take the answer with it.
    private static func drain(_ client: Int32, _ head: String, _ bytes: inout [UInt8]) {
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound,
            head.firstMatch(of: /(?i)\r\nexpect:/) == nil,
            let length = head.firstMatch(of: /(?i)\r\ncontent-length: *([0-9]+)/).flatMap({ Int($0.1) })
        else { return }
        while bytes.count < end + length, receive(client, &bytes) {}
    }

    private func forward(_ bytes: [UInt8], from client: Int32, answers: Bool) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(server) }
        var address = Self.local(serverPort)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        Self.write(bytes, to: server)
        let ended = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            var buffer: [UInt8] = []
            while Self.receive(client, &buffer) {
                Self.write(buffer, to: server)
                buffer = []
            }
            ended.signal()
        }
        var buffer: [UInt8] = []
        while Self.receive(server, &buffer) {
            // A go-ahead for the body is no answer yet.
            if answers || buffer.starts(with: Array("HTTP/1.1 100".utf8)) { Self.write(buffer, to: client) }
            buffer = []
        }
        shutdown(client, Int32(SHUT_RDWR))
        ended.wait()
    }

    private static func receive(_ socket: Int32, _ bytes: inout [UInt8]) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        bytes += buffer[..<count]
        return true
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func local(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
