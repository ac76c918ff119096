import Glibc

/// A port of the loopback address that nobody listens on. Another process may take it before it is used.
func freePort() -> UInt16 {
    let probe = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(probe) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(probe, $0, size) == 0 && getsockname(probe, $0, &size) == 0
        }
    }
    precondition(isBound, "no port to listen on")
    return UInt16(bigEndian: address.sin_port)
}
