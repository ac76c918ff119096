import Foundation

/// An IPv4 or IPv6 address by its bytes.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16, in network order.
    let bytes: [UInt8]

    init?(bytes: [UInt8]) {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The plain forms only: `192.0.2.1`, `2001:db8::1`.
    init?(_ text: String) {
        guard !text.utf8.contains(0) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes[..<4])
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.bytes = bytes
        } else {
            return nil
        }
    }

    /// IPv6 is public only within 2000::/3, which leaves out loopback, link- and site-local, unique local, multicast,
    /// v4-mapped and v4-compatible addresses, NAT64 and the discard prefix at once; the table names the exceptions.
    var isPublic: Bool {
        if bytes.count == 4 { return !Self.closedFour.contains { matches($0.prefix, bits: $0.bits) } }
        return bytes[0] & 0xE0 == 0x20 && !Self.closedSix.contains { matches($0.prefix, bits: $0.bits) }
    }

    private func matches(_ prefix: [UInt8], bits: Int) -> Bool {
        for (index, byte) in prefix.enumerated() {
            let left = min(8, bits - index * 8)
            if left <= 0 { break }
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> left)
            if bytes[index] & mask != byte & mask { return false }
        }
        return true
    }

    private static let closedFour: [(prefix: [UInt8], bits: Int)] = [
        ([0], 8),  // this network
        ([10], 8),  // private
        ([100, 64], 10),  // carrier-grade NAT
        ([127], 8),  // loopback
        ([169, 254], 16),  // link-local, cloud metadata
        ([172, 16], 12),  // private
        ([192, 0, 0], 24),  // protocol assignments
        ([192, 0, 2], 24),  // documentation
        ([192, 88, 99], 24),  // 6to4 relays
        ([192, 168], 16),  // private
        ([198, 18], 15),  // benchmarks
        ([198, 51, 100], 24),  // documentation
        ([203, 0, 113], 24),  // documentation
        ([224], 4),  // multicast
        ([240], 4),  // reserved, broadcast
    ]

    private static let closedSix: [(prefix: [UInt8], bits: Int)] = [
        ([0x20, 0x01, 0x00], 23),  // protocol assignments: Teredo, benchmarks, ORCHID
        ([0x20, 0x01, 0x0D, 0xB8], 32),  // documentation
        ([0x20, 0x02], 16),  // 6to4, with an IPv4 address inside
        ([0x3F, 0xFF, 0x00], 20),  // documentation
    ]
}
