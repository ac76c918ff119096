import Foundation
import Synchronization

/// A TCP proxy on a free port of the loopback address whose way can be cut and opened again: an outage of the server
/// behind it, whose port stays the same.
final class OutageProxy: Sendable {
    fileprivate struct State {
        var isUp: Bool
        var isRefusing = false
        var isStopped = false
        var hangs = false
        var delay: Duration = .zero
        var serverPort: UInt16
        var sockets: Set<Int32> = []
        var refused = 0
    }

    let port: UInt16
    private let listener: Int32
    private let state: Mutex<State>

    init(to serverPort: UInt16, isUp: Bool = true) throws {
        state = Mutex(State(isUp: isUp, serverPort: serverPort))
        // A port that was asked for by its number stays the socket's own while it doesn't listen.
        let (probe, free) = try Self.bound(to: 0)
        close(probe)
        (listener, port) = try Self.bound(to: free)
        guard listen(listener, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread { [self] in serve() }
    }

    /// Connections that were turned away.
    var refused: Int { state.withLock { $0.refused } }

    /// Opens the way again after `down` or `refuse`, to a server that may listen elsewhere by now.
    func up(to serverPort: UInt16? = nil) {
        state.withLock { state in
            state.isUp = true
            state.serverPort = serverPort ?? state.serverPort
            if state.isRefusing { listen(listener, 64) }
            state.isRefusing = false
        }
    }

    /// Ends all connections, and each new one at once.
    func down() {
        state.withLock { state in
            state.isUp = false
            state.cut()
        }
    }

    /// Ends all connections and listens no more: who connects is refused, as by a host without the server.
    func refuse() {
        state.withLock { state in
            state.isRefusing = true
            shutdown(listener, Int32(SHUT_RD))
            state.cut()
        }
    }

    /// Goes on taking connections and bytes, and passes nothing on any more: as a host that lost the network.
    func hang() { state.withLock { $0.hangs = true } }

    /// Passes bytes on again. Those taken in the meantime are lost, and the connections with them.
    func resume() {
        state.withLock { state in
            state.hangs = false
            state.cut()
        }
    }

    /// Passes each of the server's answers on so much later.
    func delay(_ duration: Duration) { state.withLock { $0.delay = duration } }

    func stop() {
        state.withLock { $0.isStopped = true }
        down()
        shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve() {
        defer { close(listener) }
        while !state.withLock(\.isStopped) {
            let client = accept(listener, nil, nil)
            guard client >= 0 else {
                // Refusing, for as long as it takes.
                usleep(2000)
                continue
            }
            let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = Self.local(state.withLock(\.serverPort))
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
            Thread.detachNewThread { [self] in pump(client, server, isAnswer: false) }
            Thread.detachNewThread { [self] in pump(server, client, isAnswer: true) }
        }
    }

    /// The descriptors stay open until the process ends, so that no number is reused under the other thread.
    private func pump(_ source: Int32, _ target: Int32, isAnswer: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = recv(source, &buffer, buffer.count, 0)
            let (hangs, delay) = state.withLock { ($0.hangs, $0.delay) }
            if count > 0, hangs { continue }
            if isAnswer, delay > .zero { usleep(UInt32(delay / .microseconds(1))) }
            if count <= 0 || send(target, buffer, count, Int32(MSG_NOSIGNAL)) <= 0 { break }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }

    private static func bound(to port: UInt16) throws -> (socket: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, 4)
        var address = local(port)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else {
            close(descriptor)
            throw POSIXError(.EADDRINUSE)
        }
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private static func local(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

extension OutageProxy.State {
    fileprivate func cut() { for socket in sockets { shutdown(socket, Int32(SHUT_RDWR)) } }
}
