/// Whether a figure that was sampled at even intervals stays level once its start is over.
struct SoakTrend {
    /// The first quarter warms up: it fills caches, pools and the allocator's arenas.
    let rest: [Double]

    init(_ samples: [Double]) {
        rest = Array(samples.dropFirst(samples.count / 4))
    }

    /// The middle of the last quarter less that of the second.
    var growth: Double { Self.median(rest.suffix(rest.count / 3)) - Self.median(rest.prefix(rest.count / 3)) }

    /// What a straight line through the samples gains from the first to the last.
    var slope: Double {
        let count = Double(rest.count)
        guard count > 1 else { return 0 }
        let middle = (count - 1) / 2
        let mean = rest.reduce(0, +) / count
        var above = 0.0
        var below = 0.0
        for (index, value) in rest.enumerated() {
            let distance = Double(index) - middle
            above += distance * (value - mean)
            below += distance * distance
        }
        return above / below * (count - 1)
    }

    /// Both must stay within the bound: a line alone is bent by one peak, and medians alone miss a late climb.
    func isLevel(within bound: Double) -> Bool { growth <= bound && slope <= bound }

    static func median(_ values: some Collection<Double>) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
