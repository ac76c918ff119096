import Glibc

/// A port of the loopback address that nobody listens on. Another process may take it before it is used.
func freePort() -> UInt16 {
    let probe = LoopbackSocket.bound()
    close(probe.socket)
    return probe.port
}
