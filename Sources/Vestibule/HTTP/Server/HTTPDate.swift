import Foundation

/// The form of dates in HTTP headers (RFC 9110, §5.6.7).
enum HTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`; nil for the obsolete forms.
    static func seconds(_ text: String) -> Int? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let numbers = ([words[1], words[3]] + words[4].split(separator: ":")).compactMap { Int32($0) }
        guard numbers.count == 5 else { return nil }
        var parts = tm()
        parts.tm_mday = numbers[0]
        parts.tm_mon = Int32(month)
        parts.tm_year = numbers[1] - 1900
        parts.tm_hour = numbers[2]
        parts.tm_min = numbers[3]
        parts.tm_sec = numbers[4]
        return timegm(&parts)
    }

    static func text(_ seconds: Int) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let date = [padded(parts.tm_mday), months[Int(parts.tm_mon)], String(parts.tm_year + 1900)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(padded).joined(separator: ":")
        return "\(days[Int(parts.tm_wday)]), \(date.joined(separator: " ")) \(clock) GMT"
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
}
