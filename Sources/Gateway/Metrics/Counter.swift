import Synchronization

package final class Counter: MetricSeries {
    private let count = Atomic<Int>(0)

    package func increment(by amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

    package var value: Int { count.load(ordering: .relaxed) }

    var samples: [MetricSample] { [MetricSample(value: String(value))] }
}
