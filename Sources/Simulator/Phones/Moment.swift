import Foundation

/// Wall-clock time in milliseconds since 1970.
enum Moment {
    static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }
}
