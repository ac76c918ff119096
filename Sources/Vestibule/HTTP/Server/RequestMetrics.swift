import Gateway
import HTTPTypes
import Synchronization

/// What is counted of every request. Series are looked up once for each combination that occurs.
final class RequestMetrics: Sendable {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct Series {
        let count: Counter
        let duration: Histogram
    }

    private static let methods: Set<String> = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    private let metrics: Metrics
    private let inFlight: Gauge
    private let series = Mutex<[Key: Series]>([:])

    init(_ metrics: Metrics) {
        self.metrics = metrics
        inFlight = metrics.gauge("vestibule_http_requests_in_flight", help: "Requests being answered.")
    }

    func begin() { inFlight.add(1) }

    func end() { inFlight.add(-1) }

    /// - Parameter route: a template, so that the labels are bounded.
    func record(method: HTTPRequest.Method, route: String, status: HTTPResponse.Status, duration: Duration) {
        let name = Self.methods.contains(method.rawValue) ? method.rawValue : "other"
        let series = series(Key(method: name, route: route, status: status.code))
        series.count.increment()
        series.duration.observe(duration)
    }

    private func series(_ key: Key) -> Series {
        series.withLock { known in
            if let series = known[key] { return series }
            let route = ["method": key.method, "route": key.route]
            let new = Series(
                count: metrics.counter(
                    "vestibule_http_requests_total", help: "Requests answered.",
                    labels: route.merging(["status": String(key.status)]) { $1 }),
                duration: metrics.histogram(
                    "vestibule_http_request_duration_seconds", help: "Time to the head of the answer.", labels: route))
            known[key] = new
            return new
        }
    }
}
