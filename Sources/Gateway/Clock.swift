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

    /// ISO 8601 in UTC with milliseconds, as `2028-12-13T16:00:00.000Z`.
    package var iso8601: String {
        Date(timeIntervalSince1970: Double(self) / 1000)
            .formatted(
                .iso8601.year().month().day().timeZone(separator: .omitted).time(includingFractionalSeconds: true))
    }
}

extension Duration {
    var milliseconds: Milliseconds {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
