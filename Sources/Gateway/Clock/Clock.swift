import Foundation

/// Milliseconds since 1970, the unit of every stored time.
package typealias Milliseconds = Int64

/// Where the services read the time, so that tests can set it.
package struct Clock: Sendable {
    package let now: @Sendable () -> Milliseconds

    package init(now: @escaping @Sendable () -> Milliseconds) { self.now = now }

    package static let system = Clock { Milliseconds(Date().timeIntervalSince1970 * 1000) }
}

extension Milliseconds {
    static let second: Milliseconds = 1000
    static let minute: Milliseconds = 60 * second
    static let hour: Milliseconds = 60 * minute
    static let day: Milliseconds = 24 * hour

    /// ISO 8601 in UTC with milliseconds, as `2028-12-13T16:00:00.000Z`. In whole numbers throughout: by way of a
    /// `Double` some times would come out a millisecond early.
    package var iso8601: String {
        let milliseconds = ((self % 1000) + 1000) % 1000
        var seconds = time_t((self - milliseconds) / 1000)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func padded(_ number: some BinaryInteger, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
        }
        return "\(padded(Int(parts.tm_year) + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
            + "T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
            + ".\(padded(milliseconds, 3))Z"
    }
}

extension Duration {
    var milliseconds: Milliseconds {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
