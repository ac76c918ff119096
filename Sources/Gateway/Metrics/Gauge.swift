import Synchronization

package final class Gauge: MetricSeries {
    private let current = Mutex(0.0)

    package func set(_ value: Double) { current.withLock { $0 = value } }

    package func add(_ amount: Double) { current.withLock { $0 += amount } }

    package var value: Double { current.withLock { $0 } }

    var samples: [MetricSample] { [MetricSample(value: MetricSample.text(value))] }
}
