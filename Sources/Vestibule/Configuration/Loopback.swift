import Foundation

/// Tells whether an address to listen on can be reached from this machine only.
enum Loopback {
    /// True for `localhost`, 127.0.0.0/8 and `::1`, with or without brackets. A name that only happens to
    /// resolve to such an address doesn't count: what it resolves to can change.
    static func contains(_ host: String) -> Bool {
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        if bare.lowercased() == "localhost" { return true }
        var four = in_addr()
        if inet_pton(AF_INET, bare, &four) == 1 {
            return UInt32(bigEndian: four.s_addr) >> 24 == 127
        }
        var six = in6_addr()
        guard inet_pton(AF_INET6, bare, &six) == 1 else { return false }
        return withUnsafeBytes(of: &six) { bytes in
            bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
        }
    }
}
