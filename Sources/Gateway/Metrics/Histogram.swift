import Synchronization

package final class Histogram: MetricSeries {
    /// Bounds that suit requests and jobs, in seconds.
    package static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    private struct State {
        var counts: [Int]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        bounds = buckets
        state = Mutex(State(counts: Array(repeating: 0, count: buckets.count + 1)))
    }

    package func observe(_ value: Double) {
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    package func observe(_ duration: Duration) { observe(duration / .seconds(1)) }

    var samples: [MetricSample] {
        let state = state.withLock { $0 }
        var total = 0
        var samples: [MetricSample] = []
        for (bound, count) in zip(bounds + [.infinity], state.counts) {
            total += count
            let text = bound.isInfinite ? "+Inf" : MetricSample.text(bound)
            samples.append(MetricSample(suffix: "_bucket", label: "le=\"\(text)\"", value: String(total)))
        }
        samples.append(MetricSample(suffix: "_sum", value: MetricSample.text(state.sum)))
        samples.append(MetricSample(suffix: "_count", value: String(total)))
        return samples
    }
}
