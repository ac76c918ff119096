import Synchronization

/// What the program counts, in the text format of Prometheus. A series is made on first use and lives as long as
/// the program, so labels must be bounded: never a room, a phone number or an id.
package final class Metrics: Sendable {
    private struct Family {
        let help: String
        let kind: String
        var series: [String: any MetricSeries] = [:]
    }

    private let families = Mutex<[String: Family]>([:])

    package init() {}

    package func counter(_ name: String, help: String, labels: [String: String] = [:]) -> Counter {
        series(name, help, "counter", labels) { Counter() }
    }

    package func gauge(_ name: String, help: String, labels: [String: String] = [:]) -> Gauge {
        series(name, help, "gauge", labels) { Gauge() }
    }

    /// - Parameter buckets: upper bounds in seconds, ascending; +Inf is added.
    package func histogram(
        _ name: String, help: String, buckets: [Double] = Histogram.seconds, labels: [String: String] = [:]
    ) -> Histogram {
        series(name, help, "histogram", labels) { Histogram(buckets: buckets) }
    }

    private func series<Series: MetricSeries>(
        _ name: String, _ help: String, _ kind: String, _ labels: [String: String], make: () -> Series
    ) -> Series {
        let key = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escape($0.value))\"" }.joined(
            separator: ",")
        return families.withLock { families in
            if let known = families[name]?.series[key] as? Series { return known }
            let new = make()
            families[name, default: Family(help: help, kind: kind)].series[key] = new
            return new
        }
    }

    private static func escape(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    /// Every series, families in the order of their names.
    package func exposition() -> String {
        let snapshot = families.withLock { $0 }
        var text = ""
        for (name, family) in snapshot.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                for sample in series.samples {
                    let all = [labels, sample.label].filter { !$0.isEmpty }.joined(separator: ",")
                    text += "\(name)\(sample.suffix)\(all.isEmpty ? "" : "{\(all)}") \(sample.value)\n"
                }
            }
        }
        return text
    }
}

struct MetricSample {
    var suffix = ""
    var label = ""
    let value: String

    static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

protocol MetricSeries: AnyObject, Sendable {
    var samples: [MetricSample] { get }
}
