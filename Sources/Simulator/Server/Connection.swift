import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// The client's connection, for answers that HTTP has no words for.
struct Connection: Sendable {
    let channel: any Channel
    let held: HeldConnections

    /// Cuts the connection with a TCP reset; nothing written after this reaches the client.
    func reset() async {
        if let socket = channel as? any SocketOptionProvider {
            // Lingering for zero seconds turns the close into a reset. Without it the client sees an orderly end,
            // which is an empty answer all the same, so a failure here may be passed over.
            try? await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        await close()
    }

    /// Closes in order; the client sees the end of the stream.
    func close() async {
        channel.close(promise: nil)
        // The future fails only with the reason of the close, which changes nothing here.
        try? await channel.closeFuture.get()
    }

    /// Says nothing until `duration` is over, then cuts the connection.
    func hold(_ duration: Duration) async {
        let id = held.add(channel)
        defer { held.remove(id) }
        let timer = channel.eventLoop.scheduleTask(in: TimeAmount(duration)) { [channel] in
            channel.close(promise: nil)
        }
        defer { timer.cancel() }
        // As in `close()`: only the end matters.
        try? await channel.closeFuture.get()
    }
}

/// Connections on hold, so that a stopping simulator need not wait for them.
final class HeldConnections: Sendable {
    private struct State {
        var next: UInt64 = 0
        var channels: [UInt64: any Channel] = [:]
        var closed = false
    }

    private let state = Mutex(State())

    func add(_ channel: any Channel) -> UInt64 {
        let (id, closed) = state.withLock { state in
            state.next += 1
            state.channels[state.next] = channel
            return (state.next, state.closed)
        }
        if closed { channel.close(promise: nil) }
        return id
    }

    func remove(_ id: UInt64) { state.withLock { _ = $0.channels.removeValue(forKey: id) } }

    func closeAll() {
        let channels = state.withLock { state in
            state.closed = true
            return Array(state.channels.values)
        }
        for channel in channels { channel.close(promise: nil) }
    }
}
