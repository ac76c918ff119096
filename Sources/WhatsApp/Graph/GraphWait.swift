import Fetch
import JSON

/// How long an answer's headers ask to wait.
enum GraphWait {
    /// Longer than anything Meta announces; a larger figure is a fault of the sender.
    private static let longest: Int64 = 24 * 3600

    static func asked(by headers: FetchHeaders) -> Duration? {
        let seconds = max(retryAfter(headers) ?? 0, businessUseCase(headers) ?? 0)
        return seconds > 0 ? .seconds(min(seconds, longest)) : nil
    }

    /// Not documented by Meta, honoured where it comes; its other form, a date, isn't.
    private static func retryAfter(_ headers: FetchHeaders) -> Int64? {
        headers.first("Retry-After").flatMap { Int64($0) }
    }

    /// `{"<id>": [{"estimated_time_to_regain_access": minutes, …}]}`
    private static func businessUseCase(_ headers: FetchHeaders) -> Int64? {
        guard let text = headers.first("X-Business-Use-Case-Usage") else { return nil }
        // A header that can't be read asks for nothing.
        let usage = (try? JSON(parsing: text.utf8, mode: .lenient))?.object
        let minutes = usage?.values.flatMap { $0.array ?? [] }.compactMap { $0["estimated_time_to_regain_access"]?.int }
        return minutes?.max().map { min(max($0, 0), longest) * 60 }
    }
}
