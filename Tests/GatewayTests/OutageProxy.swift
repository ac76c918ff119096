import Foundation
import Synchronization

/// A TCP proxy on a free port of the loopback address whose way can be cut and opened again: an outage of the server
/// behind it, whose port stays the same.
final class OutageProxy: Sendable {
    private struct State {
        var isUp: Bool
        var sockets: Set<Int32> = []
        var refused = 0
    }

    let port: UInt16
    private let serverPort: UInt16
    private let listener: Int32
    private let state: Mutex<State>

    init(to serverPort: UInt16, isUp: Bool = true) throws {
        self.serverPort = serverPort
        state = Mutex(State(isUp: isUp))
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
        Thread.detachNewThread { [self] in serve() }
    }

    /// Connections that were turned away.
    var refused: Int { state.withLock { $0.refused } }

    func up() { state.withLock { $0.isUp = true } }

    /// Ends all connections, and each new one at once.
    func down() {
        state.withLock { state in
            state.isUp = false
            for socket in state.sockets { shutdown(socket, Int32(SHUT_RDWR)) }
        }
    }

    func stop() {
        down()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve() {
        defer { close(listener) }
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { return }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.local(serverPort)
            let isConnected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            let isUp = state.withLock { state in
                guard state.isUp, isConnected else {
                    state.refused += 1
                    return false
                }
                state.sockets.formUnion([client, server])
                return true
            }
            guard isUp else {
                close(client)
                close(server)
                continue
            }
            Thread.detachNewThread { Self.pump(client, server) }
            Thread.detachNewThread { Self.pump(server, client) }
        }
    }

    /// The descriptors stay open until the process ends, so that no number is reused under the other thread.
    private static func pump(_ source: Int32, _ target: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            if count <= 0 || send(target, buffer, count, Int32(MSG_NOSIGNAL)) <= 0 { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func local(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
