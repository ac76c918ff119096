import Foundation

/// Names the credentials that a message came through; the environment's are `default`.
package struct AccountID: Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package static let `default` = AccountID(rawValue: "default")
}

/// Our own id of a message, a UUID version 7 in lower case.
package struct MessageID: Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    static func make(at time: Milliseconds) -> MessageID { MessageID(rawValue: TimeOrderedID.make(at: time)) }
}

package struct RoomName: Hashable, Sendable, Comparable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package static func < (a: RoomName, b: RoomName) -> Bool { a.rawValue < b.rawValue }
}

struct ContactID: Hashable, Sendable {
    let rawValue: String
    static func make(at time: Milliseconds) -> ContactID { ContactID(rawValue: TimeOrderedID.make(at: time)) }
}

/// UUIDs of version 7 (RFC 9562): 48 bits of milliseconds, then randomness, so that keys grow with time.
enum TimeOrderedID {
    static func make(at time: Milliseconds) -> String {
        var random = SystemRandomNumberGenerator()
        let a: UInt64 = UInt64(truncatingIfNeeded: time) << 16 | 0x7000 | (random.next() & 0x0fff)
        let b: UInt64 = 0x8000_0000_0000_0000 | (random.next() & 0x3fff_ffff_ffff_ffff)
        var text = [UInt8]()
        text.reserveCapacity(36)
        for (word, dashes) in [(a, [8, 12]), (b, [0, 4])] {
            for digit in 0..<16 {
                if dashes.contains(digit) { text.append(UInt8(ascii: "-")) }
                let nibble = UInt8(truncatingIfNeeded: word >> UInt64(60 - digit * 4)) & 0xf
                text.append(nibble < 10 ? nibble + 48 : nibble + 87)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
