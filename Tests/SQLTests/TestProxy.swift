import Foundation
import Synchronization

/// A TCP proxy before PostgreSQL that can lose the network in several ways.
final class TestProxy: Sendable {
    enum Fault: Sendable, Equatable {
        case none
        /// Takes bytes and passes none on.
        case stall
        /// Takes no bytes.
        case block
        /// Passes on what holds this text, and then cuts the connection before the answer.
        case cutAfter(String)
    }

    private struct State {
        var fault = Fault.none
        var sockets: Set<Int32> = []
        var isClosed = false
        var accepted = 0
    }

    let port: Int
    private let listener: Int32
    private let serverPort: Int
    private let state = Mutex(State())
    /// Signalled when nothing is accepted any more.
    private let ended = DispatchSemaphore(value: 0)

    init(to serverPort: Int, port: Int = 0) throws {
        self.serverPort = serverPort
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var address = Self.local(port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        self.listener = listener
        self.port = Int(UInt16(bigEndian: address.sin_port))
        guard bound else { throw POSIXError(.EADDRINUSE) }
        Thread { [self] in accept() }.start()
    }

    var accepted: Int { state.withLock { $0.accepted } }

    func set(_ fault: Fault) { state.withLock { $0.fault = fault } }

    /// Ends all connections, as a server does that goes down.
    func cut() { state.withLock { for descriptor in $0.sockets { shutdown(descriptor, Int32(SHUT_RDWR)) } } }

    /// Ends all connections and accepts none any more. The thread that accepts closes the listener, once: its number
    /// may soon be another test's connection.
    func close() {
        let isFirst = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isFirst else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        cut()
        ended.wait()
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            if client < 0 {
                Glibc.close(listener)
                ended.signal()
                return
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.local(serverPort)
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            let isOpen = state.withLock { state in
                guard connected, !state.isClosed else { return false }
                state.accepted += 1
                state.sockets.formUnion([client, server])
                return true
            }
            guard isOpen else {
                Glibc.close(client)
                Glibc.close(server)
                continue
            }
            Thread { [self] in pump(client, server, isQuery: true) }.start()
            Thread { [self] in pump(server, client, isQuery: false) }.start()
        }
    }

    /// The descriptors stay open until the process ends, so that no number is reused under the other thread.
    private func pump(_ source: Int32, _ target: Int32, isQuery: Bool) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var isCut = false
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count <= 0 { break }
            switch state.withLock({ $0.fault }) {
            case .stall: continue
            case .block:
                while state.withLock({ $0.fault == .block && !$0.isClosed }) { usleep(1000) }
                continue
            case .cutAfter(let text) where isQuery:
                isCut = String(decoding: buffer[..<count], as: UTF8.self).contains(text)
            case .cutAfter, .none: break
            }
            // The answer's way is cut first.
            if isCut { shutdown(source, Int32(SHUT_RDWR)) }
            if send(target, buffer, count, Int32(MSG_NOSIGNAL)) <= 0 || isCut { break }
        }
        if isCut { return }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func local(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
